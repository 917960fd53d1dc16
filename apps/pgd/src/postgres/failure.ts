import { escapeValue } from '@broker/privexec/escape'
import { isPgdError, PgdError } from '../errors/error.ts'

/** What the library's errors carry, of a server or of the system. */
interface Raw {
  readonly code?: string
  readonly message?: string
  readonly severity?: string
  readonly detail?: string
}

/** Codes of PostgreSQL (appendix A of its manual) that mean more than a refused statement. */
const diskFull = '53100'
const canceled = '57014'
/** Class 57P: the server ends, was ended, or does not take connections yet. */
const goneOrComing = /^57P0\d$/

/** Whether an error says that a server may answer in a moment: it has no socket yet, or starts or recovers. */
export function isNotYet(error: unknown): boolean {
  const { code, severity } = ((error as Error).cause ?? error) as Raw
  return severity === undefined ? code !== 'EACCES' : code === '57P03'
}

/** The error that somebody who waited gets when they interrupt, or their time is over. */
export function cancelled(signal: AbortSignal): PgdError {
  if (isPgdError(signal.reason)) return signal.reason
  const isLate = (signal.reason as Error | undefined)?.name === 'TimeoutError'
  const code = isLate ? 'PGD_TIMED_OUT' : 'PGD_CANCELLED'
  return new PgdError(code, isLate ? 'the time limit was reached' : 'interrupted', { cause: signal.reason })
}

/** Turns an error of the library into ours. Parameters of statements are in none of them. */
export function failureOf(error: unknown, signal?: AbortSignal): PgdError {
  if (signal?.aborted) return cancelled(signal)
  const { code = '', message = '', severity, detail } = error as Raw
  const words = escapeValue(detail === undefined ? message : `${message} (${detail})`, 500)
  const more = { cause: error }
  if (severity === undefined) return new PgdError('PGD_SERVER_FAILED', `the server does not answer: ${words}`, more)
  if (code === diskFull) return new PgdError('PGD_NO_SPACE', `the server has no space: ${words}`, more)
  if (code === canceled) return new PgdError('PGD_TIMED_OUT', `the server gave a statement up: ${words}`, more)
  if (goneOrComing.test(code)) return new PgdError('PGD_SERVER_FAILED', `the server is not there: ${words}`, more)
  return new PgdError('PGD_QUERY_FAILED', `the server refused (${code}): ${words}`, more)
}
