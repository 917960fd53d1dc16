import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { has, requireAny, requireVolume } from '../access/check.ts'
import { boolean, integer, node, optional, type Parameters, storageId, string } from '../schema/property.ts'
import { free, storageOf, usedOf } from '../state/disks.ts'
import type { Storage, Volume } from '../state/types.ts'
import { failed, forbidden } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text, type World } from './endpoint.ts'

const path = '/nodes/{node}/storage'
const either = ['Datastore.Audit', 'Datastore.AllocateSpace'] as const
const audit = { path: '/storage/{storage}', privileges: either, any: true } as const
const one: Parameters = { node, storage: storageId }
const volumePath: Parameters = { node, storage: optional(storageId), volume: string() }

function statusOf(world: World, id: string, storage: Storage): Record<string, unknown> {
  const used = usedOf(world, id)
  return {
    type: storage.type,
    content: storage.content,
    shared: storage.shared,
    enabled: storage.disable === 1 ? 0 : 1,
    active: 1,
    total: storage.total,
    used,
    avail: Math.max(0, storage.total - used),
  }
}

const mayUse = ({ world, who }: Call, id: string): boolean =>
  either.some(privilege => has(world.state, who, `/storage/${id}`, [privilege]))

function shownVolume(volid: string, volume: Volume): Record<string, unknown> {
  const format =
    volume.content === 'rootdir'
      ? volid.endsWith('.raw')
        ? 'raw'
        : 'subvol'
      : volid.replace(/^.*?\.(tar\.\w+|tar)$/, '$1')
  return {
    volid,
    content: volume.content,
    format: format.replace('tar.', 't').replace(/^tzst$/, 'tzst'),
    size: volume.size,
    ctime: volume.ctime,
    ...(volume.vmid !== undefined && { vmid: volume.vmid }),
    ...(volume.notes !== undefined && { notes: volume.notes }),
    ...(volume.protected === 1 && { protected: 1 }),
    ...(volume.content === 'backup' && { subtype: 'lxc' }),
  }
}

/** The volume that a path names, with or without its storage. */
function volumeOf({ world, params }: Call): readonly [string, Volume] {
  const name = need(params, 'volume')
  const storage = text(params, 'storage')
  const volid = name.includes(':') ? name : `${storage}:${name}`
  const volume = world.state.volumes[volid]
  if (volume === undefined) throw failed(`volume '${volid}' does not exist`)
  return [volid, volume]
}

export const storageEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path,
    permission: 'all',
    parameters: {
      node,
      content: string({ optional: true, format: 'pve-storage-content-list' }),
      enabled: boolean({ optional: true }),
      format: boolean({ optional: true }),
      storage: optional(storageId),
      target: string({ optional: true, format: 'pve-node' }),
    },
    handle(call) {
      const { world, params } = call
      const content = text(params, 'content')?.split(',')
      return Object.entries(world.state.storages)
        .filter(([id]) => mayUse(call, id) && (params.storage === undefined || params.storage === id))
        .filter(([, storage]) => !flag(params, 'enabled') || storage.disable !== 1)
        .filter(([, storage]) => content?.some(kind => storage.content.split(',').includes(kind)) ?? true)
        .map(([id, storage]) => {
          const status = statusOf(world, id, storage)
          return { storage: id, ...status, used_fraction: Number(status.used) / storage.total }
        })
    },
  },
  {
    method: 'GET',
    path: `${path}/{storage}`,
    permission: audit,
    parameters: one,
    handle: () => ['content', 'status', 'rrd', 'rrddata', 'prunebackups'].map(subdir => ({ subdir })),
  },
  {
    method: 'GET',
    path: `${path}/{storage}/status`,
    permission: audit,
    parameters: one,
    handle: ({ world, params }) => statusOf(world, need(params, 'storage'), storageOf(world, need(params, 'storage'))),
  },
  {
    method: 'GET',
    path: `${path}/{storage}/content`,
    permission: audit,
    parameters: {
      ...one,
      content: string({ optional: true, format: 'pve-storage-content' }),
      vmid: integer({ optional: true, format: 'pve-vmid', minimum: 100, maximum: 999_999_999 }),
    },
    handle({ world, params, who }) {
      const id = need(params, 'storage')
      storageOf(world, id)
      return Object.entries(world.state.volumes)
        .filter(([, volume]) => volume.storage === id)
        .filter(([, volume]) => params.content === undefined || volume.content === params.content)
        .filter(([, volume]) => params.vmid === undefined || volume.vmid === params.vmid)
        .filter(([volid]) => isVisible(world, who, volid))
        .map(([volid, volume]) => shownVolume(volid, volume))
    },
  },
  {
    method: 'GET',
    path: `${path}/{storage}/content/{volume}`,
    permission: 'all',
    parameters: volumePath,
    handle(call) {
      const [volid, volume] = volumeOf(call)
      requireVolume(call.world.state, call.who, undefined, volid)
      const { size, notes, protected: isProtected } = volume
      return { path: join('/var/lib/vz', volume.place), size, used: size, format: 'raw', notes, protected: isProtected }
    },
  },
  {
    method: 'PUT',
    path: `${path}/{storage}/content/{volume}`,
    permission: 'all',
    parameters: { ...volumePath, notes: string({ optional: true }), protected: boolean({ optional: true }) },
    handle(call) {
      const [volid, volume] = volumeOf(call)
      requireVolume(call.world.state, call.who, undefined, volid)
      if (volume.content !== 'backup') throw failed('attribute is not supported for volumes of this kind')
      const notes = text(call.params, 'notes')
      if (notes !== undefined) volume.notes = notes
      if (call.params.protected !== undefined) volume.protected = flag(call.params, 'protected') ? 1 : 0
      call.world.store.save()
      return null
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{storage}/content/{volume}`,
    permission: 'all',
    parameters: { ...volumePath, delay: integer({ optional: true, minimum: 1, maximum: 30 }) },
    handle(call) {
      const { world } = call
      const [volid, volume] = volumeOf(call)
      requireRemoval(call, volid, volume)
      return call.fork('imgdel', volid.replace(':', '@').replaceAll('/', '%'), async () => {
        if (volume.content === 'rootdir') await free(world, volid)
        else {
          delete world.state.volumes[volid]
          const file = join(world.store.directory, volume.place)
          await Promise.all([rm(file, { force: true }), rm(`${file}.conf`, { force: true })])
        }
        world.store.save()
      })
    },
  },
  {
    method: 'GET',
    path: '/storage',
    permission: 'all',
    parameters: {
      type: string({
        optional: true,
        enum: [
          'btrfs',
          'cephfs',
          'cifs',
          'dir',
          'esxi',
          'iscsi',
          'iscsidirect',
          'lvm',
          'lvmthin',
          'nfs',
          'pbs',
          'rbd',
          'zfs',
          'zfspool',
        ],
      }),
    },
    handle(call) {
      const { world, params } = call
      return Object.entries(world.state.storages)
        .filter(([id]) => mayUse(call, id))
        .filter(([, { type }]) => params.type === undefined || params.type === type)
        .map(([id, storage]) => definitionOf(id, storage))
    },
  },
  {
    method: 'GET',
    path: '/storage/{storage}',
    permission: { path: '/storage/{storage}', privileges: ['Datastore.Allocate'] },
    parameters: { storage: storageId },
    handle({ world, params }) {
      const id = need(params, 'storage')
      return definitionOf(id, storageOf(world, id))
    },
  },
]

const definitionOf = (storage: string, { type, content, shared, path: at, pool, disable }: Storage): object => ({
  storage,
  type,
  content,
  shared,
  ...(at !== undefined && { path: at }),
  ...(pool !== undefined && { pool }),
  ...(disable === 1 && { disable }),
})

function isVisible(world: World, who: string, volid: string): boolean {
  try {
    requireVolume(world.state, who, undefined, volid)
    return true
  } catch {
    return false
  }
}

function requireRemoval({ world, who }: Call, volid: string, volume: Volume): void {
  if (volume.content === 'backup') requireVolume(world.state, who, undefined, volid)
  else requireAny(world.state, who, `/storage/${volume.storage}`, ['Datastore.Allocate'])
  if (volume.protected === 1) throw failed(`cannot delete protected backup '${volid}'`)
  if (volume.content !== 'rootdir') return
  const used = Object.entries(world.state.guests).find(([, guest]) => JSON.stringify(guest).includes(volid))
  if (used !== undefined) throw forbidden(`volume '${volid}' is in use by guest ${used[0]}`)
}
