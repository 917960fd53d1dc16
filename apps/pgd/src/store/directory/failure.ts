import { constants } from 'node:os'
import { escapeValue } from '@broker/privexec/escape'
import { isPgdError, PgdError } from '../../errors/error.ts'
import type { ErrorCode } from '../../errors/registry.ts'

/** What the system calls the one error that Node has no words for, and that a storage has. */
const quota = 'disk quota exceeded'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'PGD_NO_SPACE',
  EDQUOT: 'PGD_NO_SPACE',
  EACCES: 'PGD_REFUSED',
  EPERM: 'PGD_REFUSED',
  EROFS: 'PGD_REFUSED',
}

/** Code of a system's error; undefined for other errors. Node has no name for a quota that is used up. */
export function codeOf(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException
  return errno === -constants.errno.EDQUOT ? 'EDQUOT' : code
}

/** Runs work on files; errors of the system become those of this program, with the system's words. */
export async function onFiles<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw isPgdError(cause) || !(cause instanceof Error) ? cause : failureOf(action, cause)
  }
}

/** The error of a call of the system; any other one as it is. */
export const ofSystem = (action: string, cause: unknown): unknown =>
  cause instanceof Error && 'syscall' in cause && !isPgdError(cause) ? failureOf(action, cause) : cause

function failureOf(action: string, cause: Error): PgdError {
  const code = codes[codeOf(cause) ?? ''] ?? 'PGD_STORE_UNAVAILABLE'
  const words = cause.message.replace(
    /^Unknown system error -\d+: Unknown system error -\d+/,
    `${codeOf(cause)}: ${quota}`,
  )
  return new PgdError(code, `${action} failed: ${escapeValue(words, 500)}`, { cause })
}

/** The value of a promise; undefined when what it is about is not there. */
export async function ifThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
