import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError, isAppstoreError } from '../errors/error.ts'
import type { JobFailure } from '../model/job.ts'

/** An error as it is kept with a job: secrets hidden. */
export function failureOf(error: unknown, hide: (text: string) => string, step?: string): JobFailure {
  const known = isAppstoreError(error) ? error : unexpected(error)
  return {
    code: known.code,
    message: hide(known.message),
    advice: hide(known.advice),
    ...(step === undefined ? {} : { step }),
  }
}

/** An error that nobody expected, as one of ours. */
export function unexpected(cause: unknown): AppstoreError {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new AppstoreError('APPSTORE_INTERNAL', `Unexpected: ${escapeValue(words, 500)}`, { cause })
}
