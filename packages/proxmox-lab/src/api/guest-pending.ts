import { diskParts, free } from '../state/disks.ts'
import { isRunning } from '../state/guests.ts'
import type { Guest } from '../state/types.ts'
import type { World } from './endpoint.ts'

/** Settings that a running guest takes at once; others wait until it stops. */
const immediate = new Set([
  'cores',
  'cpulimit',
  'cpuunits',
  'description',
  'hookscript',
  'hostname',
  'lock',
  'memory',
  'nameserver',
  'onboot',
  'protection',
  'searchdomain',
  'startup',
  'swap',
  'tags',
])

/** Whether a change waits for the guest to stop. A new disk can be added to a running guest, not taken away. */
export function waits(guest: Guest, key: string, value: string | null): boolean {
  if (!isRunning(guest) || immediate.has(key) || /^(?:net|unused)\d+$/.test(key)) return false
  return !(/^mp\d+$/.test(key) && value !== null && guest.config[key] === undefined)
}

/** Applies what waited. */
export async function applyPending(world: World, vmid: number, guest: Guest): Promise<void> {
  const pending = Object.entries(guest.pending)
  guest.pending = {}
  for (const [key, value] of pending) await applySetting(world, vmid, guest, key, value)
}

/** Applies one setting; null deletes it. A disk that goes becomes `unusedN`; an unused one is removed for good. */
export async function applySetting(
  world: World,
  vmid: number,
  guest: Guest,
  key: string,
  value: string | null,
): Promise<void> {
  const before = guest.config[key]
  if (before !== undefined && /^mp\d+$/.test(key)) {
    const { volume = '' } = diskParts(before)
    const isKept = value !== null && diskParts(value).volume === volume
    if (!isKept && world.state.volumes[volume]?.vmid === vmid) keepUnused(guest, volume)
  }
  if (before !== undefined && value === null && /^unused\d+$/.test(key)) {
    const { volume = '' } = diskParts(before)
    if (world.state.volumes[volume]?.vmid === vmid) await free(world, volume)
  }
  if (value === null) delete guest.config[key]
  else guest.config[key] = value
}

/** Notes a disk as unused, in the first free slot. */
export function keepUnused(guest: Guest, volume: string): string {
  let number = 0
  while (guest.config[`unused${number}`] !== undefined) number += 1
  guest.config[`unused${number}`] = volume
  return `unused${number}`
}
