import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { viewOf } from '../state/disks.ts'
import type { Config } from '../state/types.ts'
import type { World } from './endpoint.ts'

const placeFor = (world: World, vmid: number, name: string): string =>
  join(world.store.directory, 'snapshots', String(vmid), name)

/** Copies the disks of a guest as they are. */
export async function copySnapshot(world: World, vmid: number, name: string, config: Config): Promise<void> {
  const place = placeFor(world, vmid, name)
  await world.runtime.remove(place)
  for (const { key, directory } of viewOf(world, vmid, config).mounts) {
    await mkdir(join(place, key), { recursive: true })
    await world.runtime.copy(directory, join(place, key))
  }
}

/** Puts the copies back in place of what the disks hold. */
export async function restoreSnapshot(world: World, vmid: number, name: string, config: Config): Promise<void> {
  for (const { key, directory } of viewOf(world, vmid, config).mounts) {
    await world.runtime.remove(directory)
    await mkdir(directory, { recursive: true })
    await world.runtime.copy(join(placeFor(world, vmid, name), key), directory)
  }
}

/** Removes the copies. */
export const removeSnapshot = (world: World, vmid: number, name: string): Promise<void> =>
  world.runtime.remove(placeFor(world, vmid, name))
