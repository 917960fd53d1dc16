import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** Name of a project, or of a branch in it. */
export type Name = string & { readonly [brand]: 'name' }

/**
 * Letters, digits, and single `-` or `_` between them: what ZFS, Docker and file systems all take, what can be no option
 * and no path, and leaves `__` for names of our own. 50 characters keep a dataset's component below the 63 of the
 * broker's policy, and all of its name below the 255 of ZFS.
 */
const pattern = /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/
const longest = 50

/** A name that was written down; undefined when it is none. */
export const readName = (text: string): Name | undefined =>
  text.length <= longest && pattern.test(text) ? (text as Name) : undefined

/** Reads a name. Rejects with `PGD_INPUT_INVALID`; `field` is what the message calls it. */
export function parseName(text: string, field: string): Name {
  const name = readName(text)
  if (name !== undefined) return name
  const allowed = `letters, digits, and single - or _ between them, at most ${longest} characters`
  const near = suggestion(text)
  throw invalid(field, text, `is no name: ${allowed}`, near === undefined ? undefined : `For example ${near}`)
}

/** The nearest name, of what a person may have meant. */
function suggestion(text: string): Name | undefined {
  const words = text.slice(0, 1000).match(/[A-Za-z0-9]+/g) ?? []
  return readName(words.join('-').slice(0, longest).replace(/-$/, ''))
}
