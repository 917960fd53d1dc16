import { isPgdError, PgdError } from './error.ts'

/** Rejects when the signal was given: with its reason if that is an error of ours, else with `PGD_CANCELLED`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (isPgdError(signal.reason)) throw signal.reason
  throw new PgdError('PGD_CANCELLED', 'interrupted', { cause: signal.reason })
}
