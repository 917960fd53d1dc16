import { has, requireAll, requireBridge, requireGuest, requireTags, requireVolume } from '../access/check.ts'
import { featureKeys, netKeys } from '../schema/guest.ts'
import { readKeys } from '../schema/keys.ts'
import { diskParts, diskType, newDisk } from '../state/disks.ts'
import type { Config, State } from '../state/types.ts'
import { forbidden } from '../wire/error.ts'

/** A change of a guest's configuration that somebody asks for. */
export interface Change {
  readonly vmid: number
  /** Pool that a new guest is to be in. */
  readonly pool?: string
  /** The configuration so far; undefined for a new guest. */
  readonly old?: Config
  readonly set: Config
  readonly remove: readonly string[]
  readonly isUnprivileged: boolean
}

/** Throws 403 for the first setting that the user or token may not change. What only root@pam may, no token may. */
export function requireChange(state: State, who: string, change: Change): void {
  if (who === 'root@pam') return
  for (const key of Object.keys(change.set)) requireKey(state, who, change, key, false)
  for (const key of change.remove) requireKey(state, who, change, key, true)
}

function requireKey(state: State, who: string, change: Change, key: string, isRemoved: boolean): void {
  const { vmid, pool } = change
  const value = change.set[key] ?? ''
  const need = (privilege: string): void => requireGuest(state, who, vmid, pool, [privilege])
  const kind = key.replace(/\d+$/, '')
  switch (kind) {
    case 'cores':
    case 'cpuunits':
    case 'cpulimit':
      need('VM.Config.CPU')
      return
    case 'rootfs':
    case 'mp':
    case 'unused':
      need('VM.Config.Disk')
      if (!isRemoved && kind !== 'unused') requireDisk(state, who, vmid, value)
      return
    case 'dev':
      throw forbidden('configuring device passthrough is only allowed for root@pam')
    case 'memory':
    case 'swap':
      need('VM.Config.Memory')
      return
    case 'net':
      need('VM.Config.Network')
      if (!isRemoved) requireCard(state, who, value)
      return
    case 'nameserver':
    case 'searchdomain':
    case 'hostname':
      need('VM.Config.Network')
      return
    case 'features':
      requireFeatures(state, who, change, isRemoved)
      return
    case 'hookscript':
      throw forbidden('changing the hookscript is only allowed for root@pam')
    case 'tags':
      requireTags(state, who, vmid)
      return
    default:
      need('VM.Config.Options')
      return
  }
}

function requireDisk(state: State, who: string, vmid: number, value: string): void {
  const type = diskType(value)
  if (type !== 'volume') throw forbidden(`mount point type ${type} is only allowed for root@pam`)
  const { volume = '' } = diskParts(value)
  const [, storage] = newDisk.exec(volume) ?? []
  if (storage !== undefined) {
    requireAll(state, who, `/storage/${storage}`, ['Datastore.AllocateSpace'])
    return
  }
  // A number alone asks for a new disk in the default storage, which is checked later.
  if (!/^\d+(?:\.\d+)?$/.test(volume)) requireVolume(state, who, vmid, volume)
}

function requireCard(state: State, who: string, value: string): void {
  const { bridge, tag } = readKeys(netKeys, value, 'net').parts
  requireBridge(state, who, bridge, tag)
}

function requireFeatures(state: State, who: string, change: Change, isRemoved: boolean): void {
  if (!change.isUnprivileged)
    throw forbidden('changing feature flags for privileged container is only allowed for root@pam')
  const read = (text: string | undefined): Readonly<Record<string, string>> =>
    text === undefined ? {} : readKeys(featureKeys, text, 'features').parts
  const before = read(change.old?.features)
  const after = isRemoved ? {} : read(change.set.features)
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    key => (before[key] ?? '') !== (after[key] ?? ''),
  )
  if (changed.some(key => key !== 'nesting'))
    throw forbidden('changing feature flags (except nesting) is only allowed for root@pam')
  if (changed.length > 0) requireGuest(state, who, change.vmid, change.pool, ['VM.Allocate'])
}

/** Whether somebody may create a guest: by its id, or by the pool that it is to be in. */
export const mayAllocate = (state: State, who: string, vmid: number, pool: string | undefined): boolean =>
  has(state, who, `/vms/${vmid}`, ['VM.Allocate']) ||
  (pool !== undefined && has(state, who, `/pool/${pool}`, ['VM.Allocate']))
