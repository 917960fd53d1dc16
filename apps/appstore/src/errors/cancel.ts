import { AppstoreError, isAppstoreError } from './error.ts'

/** Rejects when the signal was given: with its reason if that is an error of ours, else with `APPSTORE_CANCELLED`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (isAppstoreError(signal.reason)) throw signal.reason
  throw new AppstoreError('APPSTORE_CANCELLED', 'cancelled', { cause: signal.reason })
}
