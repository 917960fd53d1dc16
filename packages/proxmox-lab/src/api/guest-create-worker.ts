import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountKeys, netKeys, rootfsKeys } from '../schema/guest.ts'
import { readKeys, writeKeys } from '../schema/keys.ts'
import { bytesOf, diskKeys, sizeText } from '../state/config.ts'
import { allocate, diskParts, diskType, free, newDisk, viewOf } from '../state/disks.ts'
import type { Config, Guest } from '../state/types.ts'
import type { Worker } from '../tasks/tasks.ts'
import { failed } from '../wire/error.ts'
import type { World } from './endpoint.ts'

/** What a worker that makes a guest has to do. */
export interface Plan {
  readonly vmid: number
  readonly guest: Guest
  /** Volume id of the template or of the backup. */
  readonly template: string
  readonly storage: string
  readonly disks: Config
  readonly config: Config
  readonly isUnprivileged: boolean
  readonly pool: string | undefined
  /** Guest that a restore replaces. */
  readonly replaced: Guest | undefined
}

/**
 * Makes the guest. As in Proxmox its configuration holds nothing but the lock until its disks are there, and it is in no
 * pool until the end; when something fails, disks and configuration are removed.
 */
export async function createWorker(world: World, worker: Worker, plan: Plan): Promise<void> {
  const { vmid, guest, config } = plan
  const made: string[] = []
  try {
    const disks = plan.disks.rootfs === undefined ? { rootfs: `${plan.storage}:4` } : plan.disks
    const settled: Config = {
      arch: 'amd64',
      hostname: `CT${vmid}`,
      memory: '512',
      ostype: osType(plan.template),
      swap: '512',
      ...cards(config),
      ...(plan.isUnprivileged && { unprivileged: '1' }),
      ...(await makeDisks(world, worker, vmid, disks, made)),
    }
    const view = viewOf(world, vmid, settled)
    worker.log(`extracting archive '/var/lib/vz/template/cache/${fileOf(plan.template)}'`)
    await world.runtime.unpack(fileOf(plan.template), view.mounts[0]?.directory ?? '', view)
    for (const mount of view.mounts.slice(1)) await world.runtime.makeVolume(mount.directory, view)
    worker.signal.throwIfAborted()
    guest.config = { ...settled, lock: 'create' }
    world.store.save()
    worker.log('Detected container architecture: amd64')
  } catch (error) {
    for (const volid of made) await free(world, volid)
    delete world.state.guests[vmid]
    world.store.save()
    throw new Error(`unable to create CT ${vmid} - ${(error as Error).message}`)
  }
  finish(world, plan)
}

/** Makes the guest from a backup: its configuration, with what the request sets instead. */
export async function restoreWorker(world: World, worker: Worker, plan: Plan): Promise<void> {
  const { vmid, guest, replaced } = plan
  const made: string[] = []
  try {
    const place = join(world.store.directory, world.state.volumes[plan.template]?.place ?? '')
    const kept = JSON.parse(readFileSync(`${place}.conf`, 'utf8')) as Config
    const disks = plan.disks.rootfs === undefined ? disksOf(kept, plan.storage) : plan.disks
    if (replaced !== undefined) await removeDisks(world, replaced.config)
    for (const key of diskKeys(kept)) delete kept[key]
    const settled: Config = {
      ...kept,
      ...cards(plan.config),
      ...(plan.isUnprivileged && { unprivileged: '1' }),
      ...(await makeDisks(world, worker, vmid, disks, made)),
    }
    const view = viewOf(world, vmid, settled)
    worker.log(`extracting archive '/var/lib/vz/dump/${fileOf(plan.template)}'`)
    await world.runtime.unpackArchive(place, view.mounts)
    worker.signal.throwIfAborted()
    guest.config = { ...settled, lock: 'create' }
    world.store.save()
  } catch (error) {
    for (const volid of made) await free(world, volid)
    delete world.state.guests[vmid]
    world.store.save()
    throw new Error(`unable to restore CT ${vmid} - ${(error as Error).message}`)
  }
  finish(world, plan)
}

function finish(world: World, { vmid, guest, pool }: Plan): void {
  delete guest.config.lock
  const entry = pool === undefined ? undefined : world.state.pools[pool]
  if (entry !== undefined && !entry.guests.includes(vmid)) entry.guests.push(vmid)
  world.store.save()
}

/** Makes the disks that are asked for, and takes those that are there already. */
async function makeDisks(world: World, worker: Worker, vmid: number, disks: Config, made: string[]): Promise<Config> {
  const result: Config = {}
  for (const key of diskKeys(disks)) {
    const value = disks[key] ?? ''
    result[key] = diskType(value) === 'volume' ? await makeDisk(world, worker, vmid, key, value, made) : value
  }
  return result
}

/** A disk's value as the configuration keeps it: with the volume that was made, and its size. */
export async function makeDisk(
  world: World,
  worker: Pick<Worker, 'log'>,
  vmid: number,
  key: string,
  value: string,
  made: string[],
): Promise<string> {
  const { parts } = readKeys(mountKeys, value, key)
  const keys = key === 'rootfs' ? rootfsKeys : mountKeys
  const [, storage, gigabytes] = newDisk.exec(parts.volume ?? '') ?? []
  if (storage === undefined) {
    const known = world.state.volumes[parts.volume ?? '']
    if (known === undefined) throw failed(`volume '${parts.volume}' does not exist`)
    return writeKeys(keys, { ...parts, size: sizeText(known.size) })
  }
  const bytes = Math.max(Math.floor(Number(gigabytes) * 1024 ** 3), 4 * 1024 ** 2)
  const volid = await allocate(world, storage, vmid, bytes)
  made.push(volid)
  worker.log(`Formatting '${volid}', size=${bytes}`)
  return writeKeys(keys, { ...parts, volume: volid, size: sizeText(bytes) })
}

/** Network cards get a hardware address where the request has none. */
export function cards(config: Config): Config {
  const result: Config = {}
  for (const [key, value] of Object.entries(config)) result[key] = /^net\d+$/.test(key) ? card(value) : value
  return result
}

function card(value: string): string {
  const { parts } = readKeys(netKeys, value, 'net')
  const random = [0xbc, 0x24, 0x11, ...randomBytes(3)].map(byte => byte.toString(16).padStart(2, '0').toUpperCase())
  const full = { ...parts, hwaddr: parts.hwaddr?.toUpperCase() ?? random.join(':'), type: parts.type ?? 'veth' }
  return writeKeys(netKeys, full)
}

/** The same disks, new, in a storage. */
function disksOf(config: Config, storage: string): Config {
  return Object.fromEntries(
    diskKeys(config).map(key => {
      const { volume: _, size = '4G', ...rest } = diskParts(config[key] ?? '')
      const gigabytes = Number((bytesOf(size) / 1024 ** 3).toFixed(3))
      return [key, writeKeys(mountKeys, { ...rest, volume: `${storage}:${gigabytes}` })]
    }),
  )
}

/** Removes the disks that a configuration names, unused ones too, when the guest owns them. */
export async function removeDisks(world: World, config: Config, vmid?: number): Promise<void> {
  const keys = [...diskKeys(config), ...Object.keys(config).filter(key => /^unused\d+$/.test(key))]
  for (const key of keys) {
    const { volume = '' } = diskParts(config[key] ?? '')
    const owner = world.state.volumes[volume]?.vmid
    if (owner !== undefined && (vmid === undefined || owner === vmid)) await free(world, volume)
  }
}

const fileOf = (volid: string): string => volid.slice(volid.lastIndexOf('/') + 1)

function osType(template: string): string {
  const [name = ''] = fileOf(template).split('-')
  return ['debian', 'ubuntu', 'alpine', 'fedora', 'archlinux'].includes(name) ? name : 'unmanaged'
}

/** Writes a configuration beside a backup. */
export const keepConfig = (place: string, config: Config): void =>
  writeFileSync(`${place}.conf`, JSON.stringify(config))
