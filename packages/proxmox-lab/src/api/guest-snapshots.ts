import { boolean, guestPath, type Parameters, string } from '../schema/property.ts'
import { digestOf, diskKeys, shown } from '../state/config.ts'
import { diskParts, seconds, storageOf } from '../state/disks.ts'
import { guestOf, isRunning, locked, requireUnlocked } from '../state/guests.ts'
import type { Config, Guest, Snapshot } from '../state/types.ts'
import { failed } from '../wire/error.ts'
import { type Endpoint, flag, need, text, type World } from './endpoint.ts'
import { startGuest, stopGuest } from './guest-power.ts'
import { copySnapshot, removeSnapshot, restoreSnapshot } from './guest-snapshot-files.ts'

const path = '/nodes/{node}/lxc/{vmid}/snapshot'
const one: Parameters = { ...guestPath, snapname: string({ format: 'pve-configid', maxLength: 40 }) }
const may = { path: '/vms/{vmid}', privileges: ['VM.Snapshot'] } as const

function snapshotOf(guest: Guest, name: string): Snapshot {
  const snapshot = Object.hasOwn(guest.snapshots, name) ? guest.snapshots[name] : undefined
  if (snapshot === undefined) throw failed(`snapshot '${name}' does not exist`)
  return snapshot
}

/** Whether every disk lies on a storage that has snapshots: plain directories have none. */
export function hasSnapshots(world: World, config: Config): boolean {
  return diskKeys(config).every(key => {
    const { volume = '' } = diskParts(config[key] ?? '')
    const id = volume.startsWith('/') ? undefined : volume.split(':')[0]
    return id !== undefined && storageOf(world, id).type !== 'dir'
  })
}

export const snapshotEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    parameters: guestPath,
    handle({ world, params }) {
      const guest = guestOf(world, Number(params.vmid))
      const taken = Object.entries(guest.snapshots).map(([name, { snaptime, description, parent }]) => ({
        name,
        snaptime,
        description: description ?? '',
        ...(parent !== undefined && { parent }),
      }))
      const current = {
        name: 'current',
        description: 'You are here!',
        digest: digestOf(guest),
        running: isRunning(guest) ? 1 : 0,
        ...(guest.parent !== undefined && { parent: guest.parent }),
      }
      return [...taken, current]
    },
  },
  {
    method: 'POST',
    path,
    permission: may,
    parameters: { ...one, description: string({ optional: true }) },
    handle(call) {
      const { world, params } = call
      const vmid = Number(params.vmid)
      const name = need(params, 'snapname')
      if (name === 'current') throw failed("unable to use snapshot name 'current' (reserved name)")
      if (name === 'vzdump') throw failed("unable to use snapshot name 'vzdump' (reserved name)")
      const description = text(params, 'description')
      return call.fork('vzsnapshot', vmid, async () => {
        const guest = guestOf(world, vmid)
        requireUnlocked(guest)
        if (Object.hasOwn(guest.snapshots, name)) throw failed(`snapshot name '${name}' already used`)
        if (!hasSnapshots(world, guest.config)) throw failed('snapshot feature is not available')
        const config = { ...guest.config }
        await locked(world, guest, 'snapshot', async () => {
          await copySnapshot(world, vmid, name, config)
          guest.snapshots[name] = {
            config,
            snaptime: seconds(),
            ...(description !== undefined && { description: `${description.replace(/\n+$/, '')}\n` }),
            ...(guest.parent !== undefined && { parent: guest.parent }),
          }
          guest.parent = name
        })
      })
    },
  },
  {
    method: 'GET',
    path: `${path}/{snapname}`,
    permission: 'all',
    parameters: one,
    handle: () => ['config', 'rollback'].map(subdir => ({ subdir })),
  },
  {
    method: 'DELETE',
    path: `${path}/{snapname}`,
    permission: may,
    parameters: { ...one, force: boolean({ optional: true }) },
    handle(call) {
      const { world, params } = call
      const vmid = Number(params.vmid)
      const name = need(params, 'snapname')
      return call.fork('vzdelsnapshot', vmid, async () => {
        const guest = guestOf(world, vmid)
        requireUnlocked(guest)
        const { parent } = snapshotOf(guest, name)
        await locked(world, guest, 'snapshot-delete', () => removeSnapshot(world, vmid, name))
        delete guest.snapshots[name]
        for (const other of [guest, ...Object.values(guest.snapshots)])
          if (other.parent === name) {
            delete other.parent
            if (parent !== undefined) other.parent = parent
          }
        world.store.save()
      })
    },
  },
  {
    method: 'POST',
    path: `${path}/{snapname}/rollback`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'], any: true },
    parameters: { ...one, start: boolean({ optional: true }) },
    handle(call) {
      const { world, params } = call
      const vmid = Number(params.vmid)
      const name = need(params, 'snapname')
      return call.fork('vzrollback', vmid, async () => {
        const guest = guestOf(world, vmid)
        requireUnlocked(guest)
        const { config } = snapshotOf(guest, name)
        if (isRunning(guest)) await stopGuest(world, vmid)
        await locked(world, guest, 'rollback', () => restoreSnapshot(world, vmid, name, config))
        guest.config = { ...config }
        guest.pending = {}
        guest.parent = name
        world.store.save()
        if (flag(params, 'start')) await startGuest(world, vmid)
      })
    },
  },
  {
    method: 'GET',
    path: `${path}/{snapname}/config`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Audit'], any: true },
    parameters: one,
    handle({ world, params }) {
      const { config, snaptime } = snapshotOf(guestOf(world, Number(params.vmid)), need(params, 'snapname'))
      return { ...shown(config), snaptime }
    },
  },
  {
    method: 'PUT',
    path: `${path}/{snapname}/config`,
    permission: may,
    parameters: { ...one, description: string({ optional: true }) },
    handle({ world, params }) {
      const snapshot = snapshotOf(guestOf(world, Number(params.vmid)), need(params, 'snapname'))
      const description = text(params, 'description')
      if (description !== undefined) snapshot.description = description
      world.store.save()
      return null
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/lxc/{vmid}/feature',
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    parameters: {
      ...guestPath,
      feature: string({ enum: ['snapshot', 'clone', 'copy'] }),
      snapname: string({ optional: true, format: 'pve-configid', maxLength: 40 }),
    },
    handle({ world, params }) {
      const { config } = guestOf(world, Number(params.vmid))
      return { hasFeature: params.feature === 'copy' || hasSnapshots(world, config) ? 1 : 0 }
    },
  },
]
