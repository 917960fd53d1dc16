import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { requireAll } from '../access/check.ts'
import { mountKeys } from '../schema/guest.ts'
import { writeKeys } from '../schema/keys.ts'
import {
  boolean,
  digest,
  guestPath,
  number,
  optional,
  storageId,
  string,
  vmid as vmidProperty,
} from '../schema/property.ts'
import { bytesOf, sizeText } from '../state/config.ts'
import { allocate, diskParts, free, freeVolid, placeOf, storageOf, usedOf } from '../state/disks.ts'
import { guestOf, isRunning, locked, requireDigest, requireUnlocked } from '../state/guests.ts'
import { failed, invalid } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text } from './endpoint.ts'
import { keepUnused } from './guest-pending.ts'

const path = '/nodes/{node}/lxc/{vmid}'
const upTo = (stem: string): string[] => Array.from({ length: 256 }, (_, index) => `${stem}${index}`)
const mounts = ['rootfs', ...upTo('mp')]
const slots = [...mounts, ...upTo('unused')]

export const volumeEndpoints: readonly Endpoint[] = [
  {
    method: 'PUT',
    path: `${path}/resize`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'], any: true },
    parameters: {
      ...guestPath,
      digest,
      disk: string({ enum: mounts }),
      size: string({ pattern: '\\+?\\d+(\\.\\d+)?[KMGT]?' }),
    },
    handle: resize,
  },
  {
    method: 'POST',
    path: `${path}/move_volume`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'] },
    parameters: {
      ...guestPath,
      bwlimit: number({ optional: true, minimum: 0 }),
      delete: boolean({ optional: true }),
      digest,
      storage: optional(storageId),
      'target-digest': digest,
      'target-vmid': optional(vmidProperty),
      'target-volume': string({ optional: true, enum: slots }),
      volume: string({ enum: slots }),
    },
    handle: move,
  },
]

function resize(call: Call): string {
  const { world, params, who } = call
  const vmid = Number(params.vmid)
  const disk = need(params, 'disk')
  const guest = guestOf(world, vmid)
  requireUnlocked(guest)
  requireDigest(guest, text(params, 'digest'))
  const value = guest.config[disk]
  if (value === undefined) throw invalid({ disk: `no such disk '${disk}'` })
  const parts = diskParts(value)
  const volume = world.state.volumes[parts.volume ?? '']
  if (volume === undefined) throw failed(`volume '${parts.volume}' does not exist`)
  requireAll(world.state, who, `/storage/${volume.storage}`, ['Datastore.AllocateSpace'])
  const wanted = need(params, 'size')
  const bytes = wanted.startsWith('+') ? volume.size + bytesOf(wanted.slice(1)) : bytesOf(wanted)
  if (bytes < volume.size) throw failed(`unable to shrink disk size`)
  if (bytes === volume.size) throw failed('disk is already at specified size')
  return call.fork('resize', vmid, async () => {
    if (usedOf(world, volume.storage) + bytes - volume.size > storageOf(world, volume.storage).total)
      throw failed(`storage '${volume.storage}' has not enough free space: No space left on device`)
    volume.size = bytes
    guest.config[disk] = writeKeys(mountKeys, { ...parts, size: sizeText(bytes) })
    world.store.save()
  })
}

/** Checks what both kinds of move have in common, then does the one that is asked for. */
function move(call: Call): string {
  const { world, params } = call
  const vmid = Number(params.vmid)
  const target = params['target-vmid'] === undefined ? undefined : Number(params['target-vmid'])
  const storage = text(params, 'storage')
  if ((target === undefined) === (storage === undefined))
    throw failed(
      target === undefined
        ? 'Either set storage to move to a different storage or target-vmid to reassign the volume to another container.'
        : "Can't both move to another storage and reassign the volume.",
    )
  const guest = guestOf(world, vmid)
  const key = need(params, 'volume')
  requireUnlocked(guest)
  requireDigest(guest, text(params, 'digest'))
  if (guest.config[key] === undefined) throw failed(`Mount point '${key}' does not exist`)
  return target === undefined ? moveToStorage(call, key, String(storage)) : reassign(call, key, target)
}

function moveToStorage(call: Call, key: string, storage: string): string {
  const { world, params, who } = call
  const vmid = Number(params.vmid)
  requireAll(world.state, who, `/storage/${storage}`, ['Datastore.AllocateSpace'])
  const guest = guestOf(world, vmid)
  if (isRunning(guest)) throw failed(`cannot move volumes of a running container`)
  if (/^unused/.test(key))
    throw failed(`cannot move volume '${key}', only configured volumes can be moved to another storage`)
  const parts = diskParts(guest.config[key] ?? '')
  const from = world.state.volumes[parts.volume ?? '']
  if (from?.storage === storage) throw failed(`you can't move to the same storage`)
  return call.fork('move_volume', vmid, () =>
    locked(world, guest, 'disk', async () => {
      const source = placeOf(world, parts.volume ?? '')
      const volid = await allocate(world, storage, vmid, from?.size ?? 0)
      await world.runtime.copy(source, placeOf(world, volid))
      guest.config[key] = writeKeys(mountKeys, { ...parts, volume: volid })
      if (flag(params, 'delete')) await free(world, parts.volume ?? '')
      else keepUnused(guest, parts.volume ?? '')
    }),
  )
}

/** Gives a disk to another guest: it is renamed for that one, and both configurations change. */
function reassign(call: Call, key: string, target: number): string {
  const { world, params, who } = call
  const vmid = Number(params.vmid)
  const slot = text(params, 'target-volume') ?? key
  requireAll(world.state, who, `/vms/${target}`, ['VM.Config.Disk'])
  const guest = guestOf(world, vmid)
  const other = guestOf(world, target)
  requireUnlocked(other)
  requireDigest(other, text(params, 'target-digest'))
  if (vmid === target) throw failed('must be a different container')
  if (other.config[slot] !== undefined) throw failed(`Target volume '${slot}' is already in use`)
  if (key === 'rootfs') throw failed(`Cannot move 'rootfs' to another container`)
  if (slot === 'rootfs') throw failed(`Target volume key 'rootfs' is not allowed`)
  const isUnused = (name: string): boolean => name.startsWith('unused')
  if (isRunning(guest) && !isUnused(key)) throw failed(`Cannot move volume '${key}' of a running container`)
  if (isRunning(other) && !isUnused(slot)) throw failed(`Cannot move volume to '${slot}' of a running container`)
  const parts = diskParts(guest.config[key] ?? '')
  const volid = parts.volume ?? ''
  const volume = world.state.volumes[volid]
  if (volume?.vmid !== vmid) throw failed(`Volume '${volid}' does not belong to container ${vmid}`)
  const named = Object.values(guest.snapshots).some(({ config }) =>
    Object.values(config).some(value => value.includes(volid)),
  )
  if (named) throw failed(`Cannot move a volume with snapshots to another container`)
  if (!isUnused(slot) && parts.mp === undefined)
    throw failed(`Volume '${key}' has no mount path: it can only become an unused volume`)
  return call.fork('move_volume', vmid, async worker => {
    const renamed = freeVolid(world, volume.storage, storageOf(world, volume.storage), target)
    await mkdir(join(world.store.directory, volume.place), { recursive: true })
    delete world.state.volumes[volid]
    world.state.volumes[renamed] = { ...volume, vmid: target }
    delete guest.config[key]
    other.config[slot] = isUnused(slot) ? renamed : writeKeys(mountKeys, { ...parts, volume: renamed })
    world.store.save()
    worker.log(`removing volume '${key}' from container '${vmid}' config`)
    worker.log(`target container '${target}' updated with '${slot}'`)
  })
}
