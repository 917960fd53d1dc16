import { setTimeout as sleep } from 'node:timers/promises'
import type { RetryOptions } from '../connection/options.ts'
import { invalid, isProxmoxError, ProxmoxError } from '../errors/error.ts'
import type { Method } from './definition.ts'

/** How often and how fast; all numbers of {@link RetryOptions}, checked. */
export interface Retry {
  readonly tries: number
  readonly first: number
  readonly longest: number
}

export function checkRetry({ tries = 4, first = 100, longest = 2000 }: RetryOptions = {}): Retry {
  if (!Number.isInteger(tries) || tries < 1 || tries > 20) throw invalid('retry.tries', 'is not a number from 1 to 20')
  for (const [name, value] of Object.entries({ first, longest })) {
    if (!(value >= 0 && value <= 600_000))
      throw invalid(`retry.${name}`, 'is not a number of milliseconds, 0 to 600000')
  }
  return { tries, first, longest }
}

/** Milliseconds before try `n` + 1, from 1: between half of the doubled wait and all of it, so that callers spread. */
export const waitBefore = ({ first, longest }: Retry, n: number, random = Math.random()): number =>
  Math.min(longest, first * 2 ** Math.min(n - 1, 30)) * (0.5 + random / 2)

/** Whether what failed may be asked again: a read that got lost, and a change that never left. */
export function isWorthRetrying(method: Method, error: ProxmoxError): boolean {
  if (error.code === 'PROXMOX_UNREACHABLE') return true
  return method === 'GET' && (error.isLost || error.isTimedOut)
}

/** Repeats `attempt` while it is worth it. A try that ran into its time limit counts for half of all. */
export async function withRetry<T>(
  method: Method,
  retry: Retry,
  attempt: () => Promise<T>,
  options: { signal?: AbortSignal | undefined; onRetry?: (error: ProxmoxError) => void } = {},
): Promise<T> {
  let spent = 0
  for (let n = 1; ; n += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!isProxmoxError(error) || !isWorthRetrying(method, error)) throw error
      spent += error.isTimedOut && error.status === undefined ? Math.ceil(retry.tries / 2) : 1
      if (spent >= retry.tries) throw error
      options.onRetry?.(error)
      await pause(waitBefore(retry, n), options.signal)
    }
  }
}

/** Waits; rejects with `PROXMOX_CANCELLED` at once when the signal is given. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal })
  } catch (cause) {
    throw new ProxmoxError('PROXMOX_CANCELLED', 'given up while waiting', { cause })
  }
}
