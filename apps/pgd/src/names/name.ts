import { escapeValue } from '@broker/privexec'
import { PgdError } from '../errors/error.ts'

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

/** Reads a name. Rejects with `PGD_INPUT_INVALID`; `field` is what the message calls it. */
export function parseName(text: string, field: string): Name {
  if (text.length <= longest && pattern.test(text)) return text as Name
  const suggestion = text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, longest)
  const hint = pattern.test(suggestion) ? { hint: `For example ${suggestion}` } : {}
  const allowed = `letters, digits, and single - or _ between them, at most ${longest} characters`
  throw new PgdError('PGD_INPUT_INVALID', `${field} ${escapeValue(text)} is no name: ${allowed}`, { field, ...hint })
}
