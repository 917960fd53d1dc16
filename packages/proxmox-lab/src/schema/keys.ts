import { checkValue } from './check.ts'
import type { Keys } from './property.ts'

/** A property string read; numbers and booleans are still text, booleans as `0` and `1`. */
export type Parts = Readonly<Record<string, string>>

export interface ReadKeys {
  readonly parts: Parts
  /** Text by path, such as `net0.name`. */
  readonly errors: Readonly<Record<string, string>>
}

/** Reads a property string; a part without `=` belongs to the key that may be left out. */
export function readKeys(keys: Keys, text: string, path: string): ReadKeys {
  const parts: Record<string, string> = {}
  const errors: Record<string, string> = {}
  const unnamed = Object.keys(keys).find(key => keys[key]?.isDefaultKey === true)
  for (const piece of text.split(',')) {
    if (piece === '') continue
    const at = piece.indexOf('=')
    const [key, value] = at > 0 ? [piece.slice(0, at), piece.slice(at + 1)] : [unnamed, piece]
    if (key === undefined) return fail(path, 'value without key, but schema does not define a default key')
    if (Object.hasOwn(parts, key)) return fail(path, `duplicate key in comma-separated list property: ${key}`)
    parts[key] = value
  }
  for (const [key, value] of Object.entries(parts)) {
    const property = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (property === undefined) {
      errors[`${path}.${key}`] = 'property is not defined in schema and the schema does not allow additional properties'
      continue
    }
    const checked = checkValue(property, value, `${path}.${key}`)
    if (checked.problem === undefined) parts[key] = String(checked.value)
    else errors[`${path}.${key}`] = checked.problem
  }
  for (const [key, property] of Object.entries(keys))
    if (property.optional !== true && !Object.hasOwn(parts, key))
      errors[`${path}.${key}`] = 'property is missing and it is not optional'
  return { parts, errors }

  function fail(where: string, problem: string): ReadKeys {
    return { parts: {}, errors: { [where]: problem } }
  }
}

/** Writes a property string: the key that may be left out first and without its name, then those that must be there. */
export function writeKeys(keys: Keys, parts: Parts): string {
  const rank = (key: string): number => (keys[key]?.isDefaultKey === true ? 0 : keys[key]?.optional === true ? 2 : 1)
  return Object.keys(parts)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(key => (rank(key) === 0 ? parts[key] : `${key}=${parts[key]}`))
    .join(',')
}
