import { useId, useState } from 'preact/hooks'
import type { InputField } from '../api/types.ts'
import { type InputValue, newPassword } from './inputs.ts'

interface Props {
  readonly field: InputField
  readonly value: InputValue | undefined
  readonly error: string | undefined
  readonly onValue: (value: InputValue | undefined) => void
}

/** One input of an app's form. */
export function AppInput({ field, value, error, onValue }: Props) {
  const id = useId()
  const described = [field.help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const common = {
    id,
    name: field.key,
    required: field.required,
    'aria-describedby': described,
    'aria-invalid': error === undefined ? undefined : ('true' as const),
  }
  const label = (
    <label for={id}>
      {field.label}
      {field.required && field.type !== 'boolean' && <span class="quiet"> (needed)</span>}
    </label>
  )
  const notes = (
    <>
      {field.help && (
        <p id={`${id}-help`} class="quiet">
          {field.help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="wrong">
          {error}
        </p>
      )}
    </>
  )
  if (field.type === 'boolean') {
    return (
      <div class="field">
        <span class="check">
          <input
            {...common}
            required={false}
            type="checkbox"
            checked={value === true}
            onChange={event => onValue(event.currentTarget.checked)}
          />
          {label}
        </span>
        {notes}
      </div>
    )
  }
  return (
    <div class="field">
      {label}
      {field.type === 'select' ? (
        <select
          {...common}
          value={String(value ?? '')}
          onChange={event => onValue(event.currentTarget.value || undefined)}
        >
          {(!field.required || value === undefined) && <option value="">–</option>}
          {field.options?.map(option => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      ) : field.type === 'secret' ? (
        <Secret field={field} common={common} value={String(value ?? '')} onValue={onValue} />
      ) : field.type === 'number' ? (
        <input
          {...common}
          type="number"
          step="any"
          min={field.minimum}
          max={field.maximum}
          value={value === undefined ? '' : String(value)}
          onInput={event => onValue(event.currentTarget.value === '' ? undefined : event.currentTarget.valueAsNumber)}
        />
      ) : (
        <input
          {...common}
          type="text"
          spellcheck={false}
          minLength={field.minLength}
          maxLength={field.maxLength}
          value={String(value ?? '')}
          onInput={event => onValue(event.currentTarget.value || undefined)}
        />
      )}
      {notes}
    </div>
  )
}

interface SecretProps {
  readonly field: InputField
  readonly common: object
  readonly value: string
  readonly onValue: (value: string | undefined) => void
}

/** A secret: hidden until it is asked for, or made here. */
function Secret({ field, common, value, onValue }: SecretProps) {
  const [isShown, setShown] = useState(false)
  return (
    <span class="row">
      <input
        {...common}
        // The attributes of both are the same; their types are alternatives.
        type={(isShown ? 'text' : 'password') as 'text'}
        autoComplete="new-password"
        spellcheck={false}
        minLength={field.minLength}
        maxLength={field.maxLength}
        value={value}
        onInput={event => onValue(event.currentTarget.value || undefined)}
      />
      <button
        type="button"
        aria-pressed={isShown}
        aria-label={`Show ${field.label}`}
        onClick={() => setShown(!isShown)}
      >
        Show
      </button>
      <button
        type="button"
        aria-label={`Make one up for ${field.label}`}
        onClick={() => onValue(newPassword(field.minLength, field.maxLength))}
      >
        Make one up
      </button>
    </span>
  )
}
