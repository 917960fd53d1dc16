import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../api/endpoint.ts'
import type { GuestView } from '../guests/runtime.ts'
import { mountKeys } from '../schema/guest.ts'
import { readKeys } from '../schema/keys.ts'
import { failed } from '../wire/error.ts'
import { diskKeys } from './config.ts'
import type { Config, Storage, Volume } from './types.ts'

/** A disk value that asks for a new disk: storage and size in gigabytes. */
export const newDisk = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(\d+(?:\.\d+)?)$/i

/** Parts of a disk's value; the checks of its form are done by then. */
export const diskParts = (value: string): Readonly<Record<string, string>> => readKeys(mountKeys, value, 'disk').parts

/** What a disk's value stands for. */
export function diskType(value: string): 'volume' | 'bind' | 'device' {
  const volume = diskParts(value).volume ?? ''
  if (volume.startsWith('/dev/')) return 'device'
  return volume.startsWith('/') ? 'bind' : 'volume'
}

/** The storage of that name; throws when there is none or it is off. */
export function storageOf(world: World, id: string): Storage {
  const storage = Object.hasOwn(world.state.storages, id) ? world.state.storages[id] : undefined
  if (storage === undefined) throw failed(`storage '${id}' does not exist`)
  if (storage.disable === 1) throw failed(`storage '${id}' is disabled`)
  return storage
}

/** Bytes in use of a storage: disks count with their whole size. */
export function usedOf(world: World, id: string): number {
  const own = Object.values(world.state.volumes).filter(volume => volume.storage === id)
  return own.reduce((sum, volume) => sum + volume.size, storageOf(world, id).usedByOthers)
}

/** Makes an empty disk that belongs to a guest, and returns its volume id. */
export async function allocate(world: World, id: string, vmid: number, bytes: number): Promise<string> {
  const storage = storageOf(world, id)
  if (usedOf(world, id) + bytes > storage.total)
    throw failed(`storage '${id}' has not enough free space: No space left on device`)
  const volid = freeVolid(world, id, storage, vmid)
  const place = `volumes/${id}/${volid.slice(id.length + 1).replaceAll('/', '_')}.${Date.now().toString(36)}`
  const volume: Volume = { storage: id, content: 'rootdir', vmid, size: bytes, ctime: seconds(), place }
  world.state.volumes[volid] = volume
  await mkdir(join(world.store.directory, place), { recursive: true, mode: 0o755 })
  return volid
}

/** A name that is free: numbers from 0 up, per guest and storage. */
export function freeVolid(world: World, id: string, storage: Storage, vmid: number): string {
  for (let number = 0; ; number += 1) {
    const volid = {
      dir: `${id}:${vmid}/vm-${vmid}-disk-${number}.raw`,
      zfspool: `${id}:subvol-${vmid}-disk-${number}`,
      lvmthin: `${id}:vm-${vmid}-disk-${number}`,
    }[storage.type]
    if (!Object.hasOwn(world.state.volumes, volid)) return volid
  }
}

/** Removes a disk with its content. */
export async function free(world: World, volid: string): Promise<void> {
  const volume = world.state.volumes[volid]
  if (volume === undefined) return
  delete world.state.volumes[volid]
  await world.runtime.remove(join(world.store.directory, volume.place))
}

/** Directory of a disk; throws as Proxmox does when the disk is gone. */
export function placeOf(world: World, volid: string): string {
  const volume = world.state.volumes[volid]
  if (volume === undefined) throw failed(`volume '${volid}' does not exist`)
  return join(world.store.directory, volume.place)
}

/** A guest as its runtime sees it; disks that do not exist make it throw. */
export function viewOf(world: World, vmid: number, config: Config): GuestView {
  const mounts = diskKeys(config)
    .filter(key => diskType(config[key] ?? '') === 'volume')
    .map(key => {
      const { volume = '', mp = '/', ro } = diskParts(config[key] ?? '')
      return { key, directory: placeOf(world, volume), path: key === 'rootfs' ? '/' : mp, isReadOnly: ro === '1' }
    })
  return {
    vmid,
    hostname: config.hostname ?? `CT${vmid}`,
    isUnprivileged: config.unprivileged === '1',
    mounts,
    cards: Object.keys(config)
      .filter(key => /^net\d+$/.test(key))
      .sort()
      .map(key => cardOf(config[key] ?? '')),
  }
}

function cardOf(value: string): GuestView['cards'][number] {
  const parts = Object.fromEntries(value.split(',').map(part => part.split('=', 2) as [string, string]))
  const address = parts.ip?.includes('/') === true ? parts.ip : undefined
  return {
    name: parts.name ?? 'eth0',
    bridge: parts.bridge,
    hwaddr: (parts.hwaddr ?? '').toLowerCase(),
    address,
    gateway: parts.gw,
  }
}

/** Now, in seconds since 1970. */
export const seconds = (): number => Math.floor(Date.now() / 1000)
