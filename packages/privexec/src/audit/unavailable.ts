import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'

/** The code of a system error, such as `ENOSPC`. */
export const systemCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined

/** The error of everything that keeps a record from being written: full disk, EIO, wrong mode, removed file. */
export function unavailable(file: string, what: string, cause?: unknown): PrivexecError {
  const why = systemCode(cause)
  const detail = why === undefined ? '' : ` (${escapeValue(why).slice(1, -1)})`
  return new PrivexecError('PRIVEXEC_AUDIT_UNAVAILABLE', `Audit file ${escapeValue(file, 256)}: ${what}${detail}`, {
    cause,
  })
}

/** The error of a file whose content is not ours to continue. */
export function broken(file: string, what: string): PrivexecError {
  return new PrivexecError('PRIVEXEC_AUDIT_BROKEN', `Audit file ${escapeValue(file, 256)}: ${what}`)
}
