import { isProxmoxError, type ProxmoxError } from '@broker/proxmox'
import { AppstoreError, isAppstoreError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/registry.ts'

/** An error of Proxmox as one of the store, its words and cause kept. Others are given back as they are. */
export function fromProxmox(error: unknown, what: string): unknown {
  if (isAppstoreError(error) || !isProxmoxError(error)) return error
  return new AppstoreError(codeOf(error), `${what}: ${error.message}`, { hint: error.advice, cause: error })
}

/** Runs something, errors of Proxmox being told as those of the store. */
export async function withProxmox<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw fromProxmox(error, what)
  }
}

/**
 * Whether only the answer to a change was lost, which may have been made; an error of the store is judged by its cause. A
 * task that was ended because it took too long is another thing: what it has left is not whole.
 */
export function isAnswerLost(error: unknown): boolean {
  const cause = isAppstoreError(error) ? error.cause : error
  if (!isProxmoxError(cause) || cause.code === 'PROXMOX_TASK_TIMED_OUT') return false
  return cause.mayHaveRun && (cause.isLost || cause.isTimedOut)
}

function codeOf(error: ProxmoxError): ErrorCode {
  if (error.isCancelled) return 'APPSTORE_CANCELLED'
  if (error.code === 'PROXMOX_ROOT_ONLY') return 'APPSTORE_ROOT_ONLY'
  if (error.code === 'PROXMOX_PROTECTED') return 'APPSTORE_PROTECTED'
  if (error.isForbidden || error.isUnauthorized) return 'APPSTORE_PROXMOX_REFUSED'
  if (error.isUnavailable || error.isUntrusted || error.isLost) return 'APPSTORE_PROXMOX_UNAVAILABLE'
  if (error.isTimedOut) return 'APPSTORE_TIMED_OUT'
  if (/no space|not enough (?:free )?space|out of space/i.test(error.message)) return 'APPSTORE_NO_SPACE'
  return 'APPSTORE_PROXMOX_FAILED'
}
