import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import type { ErrorCode } from '../../errors/registry.ts'
import type { FailureKind, ZfsEnd, ZfsFailure } from './verbs.ts'

const codes: Readonly<Record<FailureKind, ErrorCode>> = {
  exists: 'PGD_EXISTS',
  notFound: 'PGD_NOT_FOUND',
  noSpace: 'PGD_NO_SPACE',
  hasDependents: 'PGD_HAS_DEPENDENTS',
  refused: 'PGD_REFUSED',
  unavailable: 'PGD_STORE_UNAVAILABLE',
  partial: 'PGD_STORE_UNAVAILABLE',
  limited: 'PGD_BUSY',
  timedOut: 'PGD_TIMED_OUT',
  cancelled: 'PGD_CANCELLED',
  busy: 'PGD_PROGRAM_FAILED',
  alreadyMounted: 'PGD_PROGRAM_FAILED',
  notMounted: 'PGD_PROGRAM_FAILED',
  notClone: 'PGD_PROGRAM_FAILED',
  other: 'PGD_PROGRAM_FAILED',
}

/** The error of a verb that failed; `action` says what was to be done: `Making shop/dev`. */
export function errorOf(action: string, { kind, verb, words, exitCode, cause }: ZfsFailure): PgdError {
  const last = words.split('\n').filter(Boolean).slice(-3).join('; ')
  return new PgdError(codes[kind], `${action} failed: ${escapeValue(last, 500)}`, {
    program: verb,
    stderr: words,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What a verb said. Rejects with its error, unless its failure is one of those that are none here. */
export async function done(action: string, end: Promise<ZfsEnd>, ...fine: readonly FailureKind[]): Promise<string> {
  const ended = await end
  if (ended.failure === undefined) return ended.stdout
  if (fine.includes(ended.failure.kind)) return ''
  throw errorOf(action, ended.failure)
}
