/**
 * A policy's plain value as the text of NAME.json: keys in order of their code units, two blanks a level, a line feed at
 * the end, so that the same policy is the same bytes. `variables` and `$schema`, which decide nothing once the variables
 * were put in, are left out.
 */
export function toJson(data: unknown): string {
  const { variables: _put, $schema: _editor, ...rest } = data as Record<string, unknown>
  return `${JSON.stringify(sorted(rest), null, 2)}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map(key => [key, sorted((value as Record<string, unknown>)[key])]))
}
