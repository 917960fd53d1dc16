import { splitList } from '../schema/formats.ts'
import { guestSettings } from '../schema/guest.ts'
import { boolean, digest, guestPath, propertyOf, string } from '../schema/property.ts'
import { digestOf, shown } from '../state/config.ts'
import { diskType } from '../state/disks.ts'
import { guestOf, requireDigest, requireUnlocked } from '../state/guests.ts'
import type { Config, Guest } from '../state/types.ts'
import { failed, invalid } from '../wire/error.ts'
import { type Call, type Endpoint, flag, text, type World } from './endpoint.ts'
import { cards, makeDisk } from './guest-create-worker.ts'
import { applySetting, waits } from './guest-pending.ts'
import { requireChange } from './guest-permissions.ts'

const path = '/nodes/{node}/lxc/{vmid}'
const configId = string({ optional: true, format: 'pve-configid-list' })
const changeable = ['VM.Config.Disk', 'VM.Config.CPU', 'VM.Config.Memory', 'VM.Config.Network', 'VM.Config.Options']

/** The configuration with what waits in it. */
function withPending(guest: Guest): Config {
  const config = { ...guest.config }
  for (const [key, value] of Object.entries(guest.pending))
    if (value === null) delete config[key]
    else config[key] = value
  return config
}

export const configEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: `${path}/config`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    parameters: {
      ...guestPath,
      current: boolean({ optional: true }),
      snapshot: string({ optional: true, format: 'pve-configid', maxLength: 40 }),
    },
    handle({ world, params }) {
      const guest = guestOf(world, Number(params.vmid))
      const name = text(params, 'snapshot')
      const snapshot = name === undefined ? undefined : guest.snapshots[name]
      if (name !== undefined && snapshot === undefined) throw failed(`snapshot '${name}' does not exist`)
      const config = snapshot?.config ?? (flag(params, 'current') ? guest.config : withPending(guest))
      return { ...shown(config), digest: digestOf(guest) }
    },
  },
  {
    method: 'GET',
    path: `${path}/pending`,
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    parameters: guestPath,
    handle({ world, params }) {
      const guest = guestOf(world, Number(params.vmid))
      const values = shown(guest.config)
      const keys = new Set([...Object.keys(guest.config), ...Object.keys(guest.pending)])
      return [...keys].map(key => {
        const pending = guest.pending[key]
        return {
          key,
          ...(values[key] !== undefined && { value: values[key] }),
          ...(pending === null ? { delete: 1 } : pending !== undefined && { pending: shown({ [key]: pending })[key] }),
        }
      })
    },
  },
  {
    method: 'PUT',
    path: `${path}/config`,
    permission: { path: '/vms/{vmid}', privileges: changeable, any: true },
    parameters: { ...guestSettings, ...guestPath, delete: configId, digest, revert: configId },
    handle: changeConfig,
  },
]

async function changeConfig(call: Call): Promise<null> {
  const { world, params, who } = call
  const vmid = Number(params.vmid)
  const { node: _, vmid: __, digest: given, delete: remove, revert, ...rest } = params
  if (Object.keys(rest).length === 0 && remove === undefined && revert === undefined)
    throw failed('no options specified')
  const set = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, String(value)]))
  const removed = namesOf('delete', remove, set)
  const reverted = namesOf('revert', revert, set)
  const guest = guestOf(world, vmid)
  const isUnprivileged = guest.config.unprivileged === '1'
  requireChange(world.state, who, { vmid, old: guest.config, set, remove: removed, isUnprivileged })
  requireUnlocked(guest)
  requireDigest(guest, given === undefined ? undefined : String(given))
  if (set.unprivileged !== undefined)
    throw invalid({ unprivileged: "unable to modify read-only option: 'unprivileged'" })
  for (const key of removed) requireRemovable(guest, vmid, key)
  for (const key of reverted) delete guest.pending[key]
  for (const key of removed) await change(world, vmid, guest, key, null)
  for (const [key, value] of Object.entries(cards(set))) await change(world, vmid, guest, key, value)
  world.store.save()
  return null
}

function namesOf(name: string, given: unknown, set: Config): string[] {
  const names = given === undefined ? [] : splitList(String(given))
  for (const key of names) {
    if (propertyOf(guestSettings, key) === undefined) throw invalid({ [name]: `unknown option '${key}'` })
    if (set[key] !== undefined)
      throw invalid({ [name]: `you can't use '-${key}' and '-${name} ${key}' at the same time` })
  }
  return names
}

function requireRemovable(guest: Guest, vmid: number, key: string): void {
  if (['rootfs', 'hostname', 'memory', 'unprivileged', 'ostype', 'arch'].includes(key))
    throw failed(`unable to delete required option '${key}'`)
  if (guest.config.protection !== '1') return
  if (/^mp\d+$/.test(key)) throw failed(`can't remove CT ${vmid} drive '${key}' - protection mode enabled`)
  if (/^unused\d+$/.test(key)) throw failed(`can't remove CT ${vmid} unused disk '${key}' - protection mode enabled`)
}

async function change(world: World, vmid: number, guest: Guest, key: string, value: string | null): Promise<void> {
  delete guest.pending[key]
  const isDisk = value !== null && /^(?:rootfs|mp\d+)$/.test(key) && diskType(value) === 'volume'
  const settled = isDisk ? await makeDisk(world, silent, vmid, key, value, []) : value
  if (waits(guest, key, settled)) {
    // A new disk that has to wait is made all the same, as in Proxmox.
    guest.pending[key] = settled
    return
  }
  await applySetting(world, vmid, guest, key, settled)
}

const silent = { log(): void {} }
