import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, nothing, of, rows, string, truth } from '../request/lenient.ts'
import { bool, growth, int, oneOf, optional, words } from '../request/parameter.ts'
import { Secret } from '../values/secret.ts'
import { parseTags } from '../values/tags.ts'
import { upid } from '../values/upid.ts'
import { vmid as parseVmid } from '../values/vmid.ts'
import { guestConfig } from './lxc-config.ts'
import { change, creation, options } from './lxc-parameters.ts'
import { bandwidth, digest, disk, node, slot, snapshot, storage, vmid } from './parameters.ts'

const guest = { node, vmid }
const task = of(upid)

const status = z.enum(['running', 'stopped']).or(string.transform(() => 'unknown' as const))

const summary = z.object({
  vmid: of(parseVmid),
  status,
  name: maybe(string),
  tags: maybe(string.transform(parseTags)),
  template: maybe(truth),
  lock: maybe(string),
  cpu: maybe(count),
  cpus: maybe(count),
  mem: maybe(count),
  maxmem: maybe(count),
  swap: maybe(count),
  maxswap: maybe(count),
  disk: maybe(count),
  maxdisk: maybe(count),
  uptime: maybe(count),
  netin: maybe(count),
  netout: maybe(count),
  diskread: maybe(count),
  diskwrite: maybe(count),
  pid: maybe(count),
})

/** A container as it is now: bytes, seconds; `cpu` is a share of `cpus`. */
export type GuestStatus = z.infer<typeof summary>

const snapshotRow = z.object({
  name: string,
  description: maybe(string),
  parent: maybe(string),
  /** Seconds since 1970; not of `current`, which stands for the guest as it is. */
  snaptime: maybe(count),
})

export type Snapshot = z.infer<typeof snapshotRow>

const address = z.object({ 'ip-address': maybe(string), 'ip-address-type': maybe(string), prefix: maybe(count) })
const card = z.object({
  name: string,
  hwaddr: maybe(string),
  inet: maybe(string),
  inet6: maybe(string),
  'ip-addresses': maybe(z.array(address)),
})

/** A network card as seen in a running container; `inet` is an address with prefix. */
export type GuestInterface = z.infer<typeof card>

const pendingRow = z.object({ key: string, value: maybe(string), pending: maybe(string), delete: maybe(count) })

/** An option with what it will be after the next start. */
export type PendingOption = z.infer<typeof pendingRow>

const ticket = z.object({ port: count, ticket: string.transform(text => new Secret(text)), upid: task, user: string })

/** What a console is opened with; the ticket is a secret that is good for some seconds. */
export type ConsoleTicket = z.infer<typeof ticket>

const base = '/nodes/{node}/lxc/{vmid}'

export const lxc = {
  /** Containers that the token may see (VM.Audit). */
  list: define('GET', '/nodes/{node}/lxc', { node }, rows(summary)),
  /** Makes a container; a token with rights on a pool only gets 403 when `tags` are in it. */
  create: define('POST', '/nodes/{node}/lxc', { ...creation, ...options }, task),
  /** Stopped ones only, unless `force`. Volumes that the configuration names go too, `unusedN` included. */
  destroy: define(
    'DELETE',
    base,
    { ...guest, purge: optional(bool), force: optional(bool), 'destroy-unreferenced-disks': optional(bool) },
    task,
  ),
  /** With pending changes applied, unless `current`; or of a snapshot. */
  config: define(
    'GET',
    `${base}/config`,
    { ...guest, current: optional(bool), snapshot: optional(snapshot) },
    guestConfig,
  ),
  /** Changes options at once or, where a running guest cannot have them, with its next start. */
  setConfig: define('PUT', `${base}/config`, { ...change, ...options }, nothing),
  pending: define('GET', `${base}/pending`, guest, rows(pendingRow)),
  status: define('GET', `${base}/status/current`, guest, summary),
  start: define('POST', `${base}/status/start`, { ...guest, debug: optional(bool) }, task),
  /** Ends all processes at once. */
  stop: define('POST', `${base}/status/stop`, { ...guest, 'overrule-shutdown': optional(bool) }, task),
  /** Asks the guest to end, for `timeout` seconds; then the task fails, or stops it with `forceStop`. */
  shutdown: define(
    'POST',
    `${base}/status/shutdown`,
    { ...guest, timeout: optional(int(0, 86_400)), forceStop: optional(bool) },
    task,
  ),
  reboot: define('POST', `${base}/status/reboot`, { ...guest, timeout: optional(int(0, 86_400)) }, task),
  /** Empty unless the guest runs. */
  interfaces: define('GET', `${base}/interfaces`, guest, rows(card)),
  /** Grows a disk, also of a running guest. */
  resize: define('PUT', `${base}/resize`, { ...guest, disk, size: growth, digest: optional(digest) }, task),
  /** Moves a volume to another storage, or gives it to another guest (`target-vmid`), where it gets a new name. */
  moveVolume: define(
    'POST',
    `${base}/move_volume`,
    {
      ...guest,
      volume: slot,
      storage: optional(storage),
      'target-vmid': optional(vmid),
      'target-volume': optional(slot),
      delete: optional(bool),
      digest: optional(digest),
      'target-digest': optional(digest),
      bwlimit: optional(bandwidth),
    },
    task,
  ),
  /** Whether all volumes can have snapshots. */
  feature: define(
    'GET',
    `${base}/feature`,
    { ...guest, feature: oneOf('snapshot', 'clone', 'copy'), snapname: optional(snapshot) },
    z.object({ hasFeature: truth }).transform(({ hasFeature }) => hasFeature),
  ),
  snapshots: define('GET', `${base}/snapshot`, guest, rows(snapshotRow)),
  createSnapshot: define(
    'POST',
    `${base}/snapshot`,
    { ...guest, snapname: snapshot, description: optional(words(8192, { lines: true })) },
    task,
  ),
  deleteSnapshot: define(
    'DELETE',
    `${base}/snapshot/{snapname}`,
    { ...guest, snapname: snapshot, force: optional(bool) },
    task,
  ),
  /** Puts guest and volumes back; `start` starts it afterwards. Bind mounts are not part of snapshots. */
  rollback: define(
    'POST',
    `${base}/snapshot/{snapname}/rollback`,
    { ...guest, snapname: snapshot, start: optional(bool) },
    task,
  ),
  /** Starts a terminal server that waits some seconds for its one client. Needs VM.Console. */
  termproxy: define('POST', `${base}/termproxy`, guest, ticket),
}
