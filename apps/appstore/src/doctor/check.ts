import type { Proxmox } from '@broker/proxmox'
import type { Config } from '../config/config.ts'
import type { Finding } from '../contract.ts'
import type { GuestDoor } from '../provision/door.ts'

/** What checks look at. */
export interface CheckContext {
  readonly config: Config
  readonly proxmox: Proxmox
  readonly range: { readonly from: number; readonly to: number }
  readonly guestDoor: (vmid: number) => GuestDoor
  readonly signal?: AbortSignal
}

/** A group of checks; rejects only for what is no fault of the host. */
export type Check = (context: CheckContext) => Promise<readonly Finding[]>

export const ok = (check: string, text: string): Finding => ({ check, state: 'ok', text })
export const warning = (check: string, text: string, fix: string): Finding => ({ check, state: 'warning', text, fix })
export const failed = (check: string, text: string, fix: string): Finding => ({ check, state: 'failed', text, fix })
export const skipped = (check: string, text: string): Finding => ({ check, state: 'skipped', text })

/** Does something; that it fails is the finding. */
export async function tried(
  check: string,
  fix: string,
  run: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await run()].flat()
  } catch (error) {
    return [failed(check, (error as Error).message, adviceOf(error) ?? fix)]
  }
}

const adviceOf = (error: unknown): string | undefined => {
  const { advice } = error as { readonly advice?: unknown }
  return typeof advice === 'string' ? advice : undefined
}
