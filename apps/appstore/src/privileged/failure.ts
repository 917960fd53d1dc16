import { isPrivexecError, type PrivexecError } from '@broker/privexec'
import { AppstoreError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/registry.ts'

/** The error of the store for one of the privileged way; the cause is kept, its words stand in the message. */
export function privilegedFailure(what: string, error: unknown): unknown {
  if (!isPrivexecError(error)) return error
  const details = {
    cause: error,
    ...(error.exitCode === undefined ? {} : { exitCode: error.exitCode }),
    ...(error.stderr === undefined ? {} : { stderr: error.stderr.slice(-4000) }),
    ...(codeOf(error) === 'APPSTORE_PRIVILEGED_REFUSED' ? { hint: error.advice } : {}),
  }
  return new AppstoreError(codeOf(error), `${what}: ${error.message}`, details)
}

function codeOf(error: PrivexecError): ErrorCode {
  if (error.isTimedOut) return 'APPSTORE_TIMED_OUT'
  if (error.isCancelled) return 'APPSTORE_CANCELLED'
  if (error.isRefused) return 'APPSTORE_PRIVILEGED_REFUSED'
  if (error.isUnavailable || error.isAudit) return 'APPSTORE_PRIVILEGED_UNAVAILABLE'
  return 'APPSTORE_PRIVILEGED_FAILED'
}
