import { randomBytes } from 'node:crypto'

/** Crockford's base 32 in small letters: nothing that is read for something else. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** An installed app, or several in one guest. 26 characters; later ones sort after earlier ones. */
export type InstallId = string & { readonly __brand: 'InstallId' }
/** One run of an operation, written as an {@link InstallId}. */
export type JobId = string & { readonly __brand: 'JobId' }
/** One app store; its guests carry it. Written as an {@link InstallId}. */
export type StoreId = string & { readonly __brand: 'StoreId' }

const shape = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** A new id: 48 bits of the clock in milliseconds, then 80 random bits, as in a ULID. */
export function newId<Id extends InstallId | JobId | StoreId>(now = Date.now()): Id {
  let text = ''
  for (let rest = now, n = 0; n < 10; n++, rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text
  const bytes = randomBytes(16)
  for (const byte of bytes) text += alphabet[byte % 32]
  return text as Id
}

/** The id, or undefined when it is not written as one. */
export function parseId<Id extends InstallId | JobId | StoreId>(value: unknown): Id | undefined {
  return typeof value === 'string' && shape.test(value) ? (value as Id) : undefined
}
