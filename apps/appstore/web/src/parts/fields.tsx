interface Common<Value> {
  readonly label: string
  readonly value: Value | undefined
  readonly onValue: (value: Value | undefined) => void
}

/** A whole number, from 1 unless told; empty is undefined. */
export function NumberField(props: Common<number> & { placeholder?: string; min?: number; max?: number }) {
  const { label, value, onValue, min = 1, ...rest } = props
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min={min}
        {...rest}
        value={value === undefined ? '' : String(value)}
        onInput={({ currentTarget: { value: text, valueAsNumber } }) =>
          onValue(text === '' ? undefined : valueAsNumber)
        }
      />
    </label>
  )
}

/** A line of text; empty is undefined. */
export function TextField(
  props: Common<string> & { placeholder?: string; required?: boolean; type?: 'text' | 'password'; complete?: string },
) {
  const { label, value, onValue, type = 'text', complete = 'off', ...rest } = props
  return (
    <label class="field">
      {label}
      <input
        // The attributes of both are the same; their types are alternatives.
        type={type as 'text'}
        autoComplete={complete}
        spellcheck={false}
        {...rest}
        value={value ?? ''}
        onInput={event => onValue(event.currentTarget.value || undefined)}
      />
    </label>
  )
}

/** One of several; the first choice, nothing, is undefined. */
export function SelectField(
  props: Common<string> & { options: readonly (readonly [value: string, title: string])[]; usual?: string },
) {
  const { label, value, onValue, options, usual = 'As usual' } = props
  return (
    <label class="field">
      {label}
      <select value={value ?? ''} onChange={event => onValue(event.currentTarget.value || undefined)}>
        <option value="">{usual}</option>
        {options.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}
