import { calls, slotName } from '@broker/proxmox'
import { AppstoreError } from '../../errors/error.ts'
import type { OwnGuest, Target } from '../../guests/guests.ts'
import type { GuestRole } from '../../guests/marker.ts'
import type { Step, StepContext } from '../../jobs/definition.ts'
import type { Install, Volume } from '../../model/install.ts'
import { installOf, type Toolbox } from '../toolbox.ts'
import { destroy, stop, watched } from './guest.ts'

/** Reads from Proxmox which volumes the guest has, and writes it down. */
export const readVolumes = (tools: Toolbox): Step => ({
  name: 'volumes',
  title: 'Read the volumes back',
  run: async context => {
    const install = installOf(tools, context)
    if (install.volumes.length === 0) return
    const guest = await tools.guests.own(install.vmid ?? 0, install.id, { signal: context.signal })
    tools.store.installs.update(install.id, { volumes: install.volumes.map(volume => withId(guest, volume)) })
  },
})

/** Moves volumes from one guest of the install to another, and reads back that they are there before it is done. */
export const moveVolumes = (
  tools: Toolbox,
  from: GuestRole,
  to: GuestRole,
  which: (install: Install) => readonly Volume[],
): Step => {
  const move = async (context: StepContext, source: GuestRole, target: GuestRole): Promise<void> => {
    const install = installOf(tools, context)
    for (const volume of which(install)) await moveOne(tools, context, volume, source, target)
  }
  return {
    name: `move-${to}`,
    title: to === 'volumes' ? 'Move the volumes that are kept' : 'Move the kept volumes into the guest',
    run: context => move(context, from, to),
    undo: async context => {
      // What cannot be found was never made, so nothing was moved into it.
      const guest = await tools.guests.find(context.job.install, { role: to })
      if (guest === undefined) return
      // Proxmox moves no volume of a guest that runs, as one does into which an app was being installed.
      await stop(tools, context, guest)
      await move(context, to, from)
    },
  }
}

/**
 * Destroys a guest of an install, once none of these volumes is in it: destroying a guest frees them.
 * @throws {AppstoreError} `APPSTORE_WRONG_STATE`
 */
export async function destroyWithout(
  tools: Toolbox,
  context: StepContext,
  role: GuestRole,
  volumes: readonly Volume[],
): Promise<void> {
  const guest = await tools.guests.find(context.job.install, { role })
  const kept = volumes.find(volume => guest !== undefined && hasVolume(guest, volume))
  if (kept !== undefined) {
    throw new AppstoreError('APPSTORE_WRONG_STATE', `Guest ${guest?.vmid} stays: it holds the volume ${kept.name}`)
  }
  await destroy(tools, context, role)
}

async function moveOne(
  tools: Toolbox,
  context: StepContext,
  volume: Volume,
  from: GuestRole,
  to: GuestRole,
): Promise<void> {
  const target = await need(tools, context, to)
  const { signal } = context
  await tools.guests.settle(target.vmid, { signal })
  const arrived = await need(tools, context, to)
  if (hasVolume(arrived, volume)) return record(tools, context, arrived, volume)
  const source = await need(tools, context, from)
  await tools.guests.settle(source.vmid, { signal })
  if (!hasVolume(source, volume)) {
    throw new AppstoreError(
      'APPSTORE_NOT_FOUND',
      `Volume ${volume.name} is neither in guest ${source.vmid} nor in ${target.vmid}`,
    )
  }
  const request = ({ node, vmid }: Target) =>
    calls.lxc.moveVolume.call({
      node,
      vmid,
      volume: slotName(volume.slot),
      'target-vmid': target.vmid,
      'target-volume': slotName(volume.slot),
    })
  await tools.guests.perform(`Moving the volume ${volume.name}`, source, request, watched(context))
  const after = await need(tools, context, to)
  if (!hasVolume(after, volume)) {
    throw new AppstoreError('APPSTORE_PROXMOX_FAILED', `Volume ${volume.name} did not arrive in guest ${after.vmid}`)
  }
  context.log('info', `Volume ${volume.name} belongs to guest ${after.vmid} now`)
  record(tools, context, after, volume)
}

/** Writes down which volume of Proxmox it is now: a move gives it another name. */
function record(tools: Toolbox, context: StepContext, guest: OwnGuest, { slot }: Volume): void {
  const { id, volumes } = installOf(tools, context)
  tools.store.installs.update(id, { volumes: volumes.map(one => (one.slot === slot ? withId(guest, one) : one)) })
}

async function need(tools: Toolbox, { job }: StepContext, role: GuestRole): Promise<OwnGuest> {
  const guest = await tools.guests.find(job.install, { role })
  if (guest === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', `The guest for ${role} is gone`)
  return guest
}

const mountIn = ({ config }: OwnGuest, { slot }: Volume) => config.mp.get(Number(slot.slice(2)))

/** Whether a guest has the volume in its place, mounted where the app wants it. */
const hasVolume = (guest: OwnGuest, volume: Volume): boolean => mountIn(guest, volume)?.mp === volume.path

/** The volume with the id that it has in the guest. */
export function withId(guest: OwnGuest, volume: Volume): Volume {
  const found = mountIn(guest, volume)
  if (found?.mp !== volume.path) {
    throw new AppstoreError('APPSTORE_PROXMOX_FAILED', `Guest ${guest.vmid} lacks the volume ${volume.name}`)
  }
  return { ...volume, volumeId: String(found.volume) }
}
