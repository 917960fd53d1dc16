import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, of, rows, string, truth } from '../request/lenient.ts'
import { oneOf, optional } from '../request/parameter.ts'
import { nodeName, poolId, storageId } from '../values/names.ts'
import { parseTags } from '../values/tags.ts'
import { vmid as parseVmid } from '../values/vmid.ts'
import { vmid } from './parameters.ts'

const resource = z.object({
  id: string,
  type: string,
  node: maybe(of(nodeName)),
  vmid: maybe(of(parseVmid)),
  storage: maybe(of(storageId)),
  pool: maybe(of(poolId)),
  name: maybe(string),
  status: maybe(string),
  tags: maybe(string.transform(parseTags)),
  template: maybe(truth),
  lock: maybe(string),
  plugintype: maybe(string),
  content: maybe(string.transform(text => text.split(','))),
  shared: maybe(truth),
  cpu: maybe(count),
  maxcpu: maybe(count),
  mem: maybe(count),
  maxmem: maybe(count),
  disk: maybe(count),
  maxdisk: maybe(count),
  uptime: maybe(count),
  netin: maybe(count),
  netout: maybe(count),
  diskread: maybe(count),
  diskwrite: maybe(count),
})

/** A guest (`lxc`, `qemu`), node, storage or network of the cluster. Bytes, seconds, cores; `cpu` is a share of `maxcpu`. */
export type Resource = z.infer<typeof resource>

const member = z.object({
  type: string,
  id: string,
  name: string,
  local: maybe(truth),
  online: maybe(truth),
  ip: maybe(string),
  nodes: maybe(count),
  quorate: maybe(truth),
})

/** The cluster, or one of its nodes; `local` marks the node that answers. */
export type ClusterMember = z.infer<typeof member>

export const cluster = {
  /** The next free id; with `vmid` that one, or `PROXMOX_EXISTS`. Nothing is reserved: only a create call takes an id. */
  nextid: define('GET', '/cluster/nextid', { vmid: optional(vmid) }, of(parseVmid)),
  /** What the token may see. A guest that is not in it may exist all the same. */
  resources: define(
    'GET',
    '/cluster/resources',
    { type: optional(oneOf('vm', 'storage', 'node', 'sdn')) },
    rows(resource),
  ),
  /** Needs Sys.Audit on `/`. */
  status: define('GET', '/cluster/status', {}, rows(member)),
}
