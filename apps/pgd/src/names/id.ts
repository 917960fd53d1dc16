import { randomInt } from 'node:crypto'
import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** Id of a project, branch or snapshot: ten characters that are hard to mistake, of which the first ones do. */
export type Id = string & { readonly [brand]: 'id' }

/** Crockford's alphabet without the digits at the beginning, so that an id is never taken for a number. */
const letters = 'abcdefghjkmnpqrstvwxyz'
const alphabet = `${letters}23456789`
const length = 10
const pattern = new RegExp(`^[${letters}][${alphabet}]{${length - 1}}$`)

/** A new id; 46 bits, so that two are the same in none of many thousands. */
export function newId(): Id {
  const pick = (from: string): string => from.charAt(randomInt(from.length))
  return (pick(letters) + Array.from({ length: length - 1 }, () => pick(alphabet)).join('')) as Id
}

/** An id that was written down; undefined when it is none. */
export const readId = (text: string): Id | undefined => (pattern.test(text) ? (text as Id) : undefined)

/** Reads the beginning of an id. Rejects with `PGD_INPUT_INVALID`; `others` is what else the text may be. */
export function parseIdPrefix(text: string, field: string, others = ''): string {
  if (isIdPrefix(text)) return text
  throw invalid(
    field,
    text,
    `is ${others === '' ? 'not' : `neither ${others} nor`} the beginning of an id, four characters at least`,
  )
}

/** Whether a text may be the beginning of an id: at least four characters of one. */
export const isIdPrefix = (text: string): boolean =>
  new RegExp(`^[${letters}][${alphabet}]{3,${length - 1}}$`).test(text)
