import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'

/** Whether a path-like name is one of the bases, or lies below one. */
export const isWithin = (name: string, bases: readonly string[]): boolean =>
  bases.some(base => name === base || name.startsWith(`${base}/`))

/** A policy may only narrow what the definition leaves: this refuses the rest. */
export const notWithin = (limit: string, definition: string): PrivexecError =>
  new PrivexecError(
    'PRIVEXEC_POLICY_INVALID',
    `${escapeValue(limit)} is not within ${definition}, which the command allows`,
  )
