import { boolean, guestPath } from '../schema/property.ts'
import { diskKeys } from '../state/config.ts'
import { diskParts, free } from '../state/disks.ts'
import { guestOf, isRunning, requireUnlocked, requireUnprotected } from '../state/guests.ts'
import type { Config, Guest } from '../state/types.ts'
import { failed } from '../wire/error.ts'
import { type Call, type Endpoint, flag, type World } from './endpoint.ts'
import { stopGuest } from './guest-power.ts'
import { removeSnapshot } from './guest-snapshot-files.ts'

/** `DELETE /nodes/{node}/lxc/{vmid}`. */
export const destroyGuest: Endpoint = {
  method: 'DELETE',
  path: '/nodes/{node}/lxc/{vmid}',
  permission: { path: '/vms/{vmid}', privileges: ['VM.Allocate'] },
  parameters: {
    ...guestPath,
    'destroy-unreferenced-disks': boolean({ optional: true }),
    force: boolean({ optional: true }),
    purge: boolean({ optional: true }),
  },
  handle(call) {
    const { world, params } = call
    const vmid = Number(params.vmid)
    requireDestroyable(call, guestOf(world, vmid))
    return call.fork('vzdestroy', vmid, async worker => {
      const guest = guestOf(world, vmid)
      requireDestroyable(call, guest)
      if (isRunning(guest)) {
        worker.warn(`forced to stop CT ${vmid} before destroying!`)
        await stopGuest(world, vmid)
      }
      guest.config.lock = 'destroyed'
      world.store.save()
      await removeOwned(world, vmid, guest, flag(params, 'destroy-unreferenced-disks'))
      for (const pool of Object.values(world.state.pools)) pool.guests = pool.guests.filter(id => id !== vmid)
      world.state.acl = world.state.acl.filter(entry => entry.path !== `/vms/${vmid}`)
      if (flag(params, 'purge')) worker.log(`purging CT ${vmid} from related configurations..`)
      delete world.state.guests[vmid]
      world.store.save()
    })
  },
}

function requireDestroyable({ params }: Call, guest: Guest): void {
  const vmid = Number(params.vmid)
  requireUnprotected(guest, `can't remove CT ${vmid}`)
  requireUnlocked(guest)
  if (isRunning(guest) && !flag(params, 'force')) throw failed(`unable to destroy CT ${vmid} - container is running`)
}

/**
 * Removes the disks that the guest owns: those in use, the unused ones, those of pending changes and of snapshots. A disk
 * that was merely taken out of the configuration is therefore lost, and one of another guest is not.
 */
async function removeOwned(world: World, vmid: number, guest: Guest, unreferenced: boolean): Promise<void> {
  const pending = Object.entries(guest.pending).filter((entry): entry is [string, string] => entry[1] !== null)
  const configs: Config[] = [
    guest.config,
    Object.fromEntries(pending),
    ...Object.values(guest.snapshots).map(({ config }) => config),
  ]
  const named = configs.flatMap(config =>
    [...diskKeys(config), ...Object.keys(config).filter(key => /^unused\d+$/.test(key))].map(
      key => diskParts(config[key] ?? '').volume ?? '',
    ),
  )
  const owned = Object.keys(world.state.volumes).filter(volid => {
    const volume = world.state.volumes[volid]
    return volume?.vmid === vmid && volume.content === 'rootdir' && (unreferenced || named.includes(volid))
  })
  for (const volid of owned) await free(world, volid)
  for (const name of Object.keys(guest.snapshots)) await removeSnapshot(world, vmid, name)
}
