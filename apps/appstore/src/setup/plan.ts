import type { Proxmox } from '@broker/proxmox'
import { withProxmox } from '../guests/failure.ts'
import { accessSteps } from './access.ts'
import { hostSteps, placeSteps } from './host.ts'
import type { Machine } from './machine.ts'
import { checkPlaces } from './places.ts'
import { type Planned, planned } from './step.ts'
import { readWish, type SetupOptions } from './wish.ts'

/**
 * Everything that node and machine need, in order, and what of it is there already. Changes nothing. Rejects with
 * `APPSTORE_INPUT_INVALID` for what is not possible, and with `APPSTORE_EXISTS` or `APPSTORE_FOREIGN` for what is in the way.
 */
export async function planSetup(proxmox: Proxmox, machine: Machine, options: SetupOptions): Promise<Planned[]> {
  const wish = readWish(options)
  return withProxmox('Looking at the node', async () => {
    const storage = await checkPlaces(proxmox, wish)
    const steps = [
      ...(await placeSteps(machine)),
      ...(await accessSteps(proxmox, machine, wish)),
      ...(await hostSteps(machine, wish, storage)),
    ]
    return planned(steps)
  })
}
