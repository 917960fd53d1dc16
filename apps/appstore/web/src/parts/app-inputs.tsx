import type { InputField } from '../api/types.ts'
import { AppInput } from './input.tsx'
import { errorOf, groupsOf, shownFields, type Values } from './inputs.ts'

interface Props {
  readonly app: string
  readonly title?: string | undefined
  readonly fields: readonly InputField[]
  readonly values: Values
  readonly error: unknown
  readonly onValues: (values: Values) => void
}

/** The form of one app, as its manifest says: groups, and inputs that are shown only when another says so. */
export function AppInputs({ app, title, fields, values, error, onValues }: Props) {
  const set = (key: string, value: Values[string] | undefined): void => {
    const { [key]: _, ...rest } = values
    onValues(value === undefined ? rest : { ...rest, [key]: value })
  }
  return groupsOf(shownFields(fields, values)).map(([group, shown]) => (
    <fieldset key={group}>
      <legend>{[title, group || 'Settings'].filter(Boolean).join(': ')}</legend>
      {shown.map(field => (
        <AppInput
          key={field.key}
          field={field}
          value={values[field.key]}
          error={errorOf(error, app, field.key)}
          onValue={value => set(field.key, value)}
        />
      ))}
    </fieldset>
  ))
}
