import { createBroker } from '@broker/privexec'
import type { GuestDoor } from '../provision/door.ts'
import { type Caller, guestDoor } from './door.ts'
import { privilegedFailure } from './failure.ts'

/** The privileged commands of one policy. */
export interface Privileged {
  /** The way into a guest that was read back to be ours. */
  readonly door: (vmid: number, caller?: Caller) => GuestDoor
  /** Ends what runs; nothing can be asked for afterwards. */
  readonly close: () => Promise<void>
}

/**
 * Opens the way to the privileged commands that a policy file grants.
 * @throws {AppstoreError} `APPSTORE_PRIVILEGED_UNAVAILABLE`, `APPSTORE_PRIVILEGED_REFUSED`, `APPSTORE_PRIVILEGED_FAILED`.
 */
export async function openPrivileged(policy: string): Promise<Privileged> {
  try {
    const broker = await createBroker({ policy })
    return { door: (vmid, caller) => guestDoor(broker, vmid, caller), close: () => broker.close() }
  } catch (error) {
    throw privilegedFailure('The privileged commands cannot be used', error)
  }
}
