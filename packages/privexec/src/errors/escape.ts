const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', '"': '\\"' }

const escapeUnit = (unit: string): string =>
  named[unit] ?? `\\u{${(unit.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`

/**
 * Shows a value of a stranger inside a message or a log line: quoted, printable ASCII only, at most `limit` characters
 * of the original (default 80). Values that are not strings are shown as JSON where they have a JSON form.
 */
export function escapeValue(value: unknown, limit = 80): string {
  const text = typeof value === 'string' ? value : describe(value)
  const shown = text.slice(0, limit).replace(/[^ !#-[\]-~]/gu, escapeUnit)
  const rest = text.length - Math.min(text.length, limit)
  const more = rest > 0 ? ` (and ${rest} more characters)` : ''
  return typeof value === 'string' ? `"${shown}"${more}` : `${shown}${more}`
}

function describe(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return `an array of ${value.length}`
  return value === undefined ? 'nothing' : `a value of type ${typeof value}`
}
