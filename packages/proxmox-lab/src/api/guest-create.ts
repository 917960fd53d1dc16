import { requireAll, requireVolume } from '../access/check.ts'
import { guestSettings } from '../schema/guest.ts'
import { boolean, guestPath, number, type Parameters, storageId, string } from '../schema/property.ts'
import { diskParts, diskType, newDisk, storageOf } from '../state/disks.ts'
import { isRunning, requireUnprotected } from '../state/guests.ts'
import { addSeedGuest } from '../state/seed.ts'
import type { Config, Guest } from '../state/types.ts'
import { failed, forbidden, invalid } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text, type World } from './endpoint.ts'
import { createWorker, type Plan, restoreWorker } from './guest-create-worker.ts'
import { mayAllocate, requireChange } from './guest-permissions.ts'
import { startGuest } from './guest-power.ts'

const parameters: Parameters = {
  ...guestSettings,
  ...guestPath,
  bwlimit: number({ optional: true, minimum: 0 }),
  force: boolean({ optional: true }),
  'ha-managed': boolean({ optional: true }),
  'ignore-unpack-errors': boolean({ optional: true }),
  ostemplate: string({ maxLength: 255 }),
  password: string({ optional: true, minLength: 5 }),
  pool: string({ optional: true, format: 'pve-poolid' }),
  restore: boolean({ optional: true }),
  'ssh-public-keys': string({ optional: true }),
  start: boolean({ optional: true }),
  storage: { ...storageId, optional: true },
  unique: boolean({ optional: true, requires: 'restore' }),
}

/** What is no setting of the guest. */
const directives = new Set([
  'node',
  'vmid',
  'bwlimit',
  'force',
  'ha-managed',
  'ignore-unpack-errors',
  'ostemplate',
  'password',
  'pool',
  'restore',
  'ssh-public-keys',
  'start',
  'storage',
  'unique',
  'unprivileged',
])

const sshKey = /^(?:(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ [A-Za-z0-9+/]+={0,2}(?: .*)?|\s*|#.*)$/

/** `POST /nodes/{node}/lxc`: the checks in the order of the real one, then a worker. */
export const createGuest: Endpoint = {
  method: 'POST',
  path: '/nodes/{node}/lxc',
  permission: 'all',
  parameters,
  handle(call) {
    const { world, params, who } = call
    const vmid = Number(params.vmid)
    const isRestore = flag(params, 'restore')
    const replaced = replacedGuest(call, vmid, isRestore)
    if (
      text(params, 'ssh-public-keys')
        ?.split('\n')
        .every(line => sshKey.test(line)) === false
    )
      throw failed('SSH public key validation error')
    const pool = text(params, 'pool')
    if (pool !== undefined && !Object.hasOwn(world.state.pools, pool)) throw forbidden(`pool '${pool}' does not exist`)
    if (!mayAllocate(world.state, who, vmid, pool)) throw forbidden()
    const settings = settingsOf(call)
    const isUnprivileged = flag(params, 'unprivileged')
    if (!isUnprivileged && !isRestore && who !== 'root@pam') requireAll(world.state, who, '/', ['Sys.Modify'])
    requireChange(world.state, who, { vmid, set: settings, remove: [], isUnprivileged, ...(pool && { pool }) })
    const template = need(params, 'ostemplate')
    requireVolume(world.state, who, vmid, template)
    const storage = text(params, 'storage') ?? 'local'
    const { disks, config } = splitDisks(settings, storage)
    requireStorages(call, disks, storage)
    requireTemplate(world, template, isRestore)

    const guest: Guest = { kind: 'lxc', config: { lock: 'create' }, pending: {}, snapshots: {} }
    world.state.guests[vmid] = guest
    world.store.save()
    const plan: Plan = { vmid, guest, template, storage, disks, config, isUnprivileged, pool, replaced }
    return call.fork(isRestore ? 'vzrestore' : 'vzcreate', vmid, async worker => {
      await (isRestore ? restoreWorker(world, worker, plan) : createWorker(world, worker, plan))
      if (flag(params, 'start')) await startGuest(world, vmid)
    })
  },
}

/** Throws when the id is taken, except by the container that a restore is to replace. */
function replacedGuest(call: Call, vmid: number, isRestore: boolean): Guest | undefined {
  const { world, params } = call
  const existing = world.state.guests[vmid]
  if (existing === undefined) return undefined
  if (!isRestore || !flag(params, 'force') || existing.kind !== 'lxc')
    throw failed(`${existing.kind === 'lxc' ? 'CT' : 'VM'} ${vmid} already exists on node '${world.node}'`)
  if (isRunning(existing)) throw failed("can't overwrite running container")
  if (existing.config.lock !== undefined)
    throw failed(`unable to restore CT ${vmid} - CT is locked (${existing.config.lock})`)
  requireUnprotected(existing, `unable to restore CT ${vmid}`)
  return existing
}

function settingsOf({ params }: Call): Config {
  const entries = Object.entries(params).filter(([key]) => !directives.has(key) && !/^unused\d+$/.test(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))
}

function splitDisks(settings: Config, storage: string): { disks: Config; config: Config } {
  const disks: Config = {}
  const config: Config = {}
  for (const [key, value] of Object.entries(settings))
    if (key === 'rootfs' || /^mp\d+$/.test(key))
      disks[key] = /^\d+(?:\.\d+)?(?:,|$)/.test(value) ? `${storage}:${value}` : value
    else config[key] = value
  if (Object.keys(disks).length > 0 && disks.rootfs === undefined)
    throw failed("mount points configured, but 'rootfs' not set - aborting")
  return { disks, config }
}

function requireStorages({ world, who }: Call, disks: Config, storage: string): void {
  const wanted = Object.values(disks)
    .filter(value => diskType(value) === 'volume')
    .map(value => diskParts(value).volume ?? '')
  const ids = wanted.map(volume => newDisk.exec(volume)?.[1] ?? volume.split(':')[0] ?? '')
  if (disks.rootfs === undefined) ids.push(storage)
  for (const id of ids) {
    if (!storageOf(world, id).content.split(',').includes('rootdir'))
      throw invalid({ storage: `storage '${id}' does not support container directories` })
    requireAll(world.state, who, `/storage/${id}`, ['Datastore.AllocateSpace'])
  }
}

function requireTemplate(world: World, template: string, isRestore: boolean): void {
  const volume = world.state.volumes[template]
  if (volume === undefined) throw failed(`volume '${template}' does not exist`)
  const wanted = isRestore ? 'backup' : 'vztmpl'
  if (volume.content !== wanted) throw failed(`volume '${template}' is not of content type '${wanted}'`)
}

/** Somebody else takes the id of a create just before it: what the fault `id-race` does. */
export function raceFor(world: World, vmid: unknown): void {
  if (world.state.guests[String(vmid)] !== undefined) return
  addSeedGuest(world.state, { vmid: Number(vmid), hostname: `foreign-${vmid}`, tags: 'production' })
  world.store.save()
}
