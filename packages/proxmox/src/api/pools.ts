import { z } from 'zod'
import { define } from '../request/definition.ts'
import { maybe, nothing, of, rows, string } from '../request/lenient.ts'
import { beside, bool, list, oneOf, optional, words } from '../request/parameter.ts'
import { nodeName, poolId, storageId } from '../values/names.ts'
import { vmid as parseVmid } from '../values/vmid.ts'
import { pool, storage, vmid } from './parameters.ts'

const member = z.object({
  id: string,
  type: string,
  node: maybe(of(nodeName)),
  vmid: maybe(of(parseVmid)),
  storage: maybe(of(storageId)),
  name: maybe(string),
  status: maybe(string),
})

/** A guest or storage of a pool. */
export type PoolMember = z.infer<typeof member>

const row = z.object({ poolid: of(poolId), comment: maybe(string), members: maybe(z.array(member)) })

/** A pool; `members` only when one pool was asked for. */
export type Pool = z.infer<typeof row>

// `/pools` with the id as a parameter is there since 8.1; ids with `/` cannot stand in a path.
export const pools = {
  /** Pools that the token may see (Pool.Audit); with `poolid` that one with its members. */
  list: define(
    'GET',
    '/pools',
    { poolid: optional(pool), type: beside('poolid', oneOf('qemu', 'lxc', 'storage')) },
    rows(row),
  ),
  create: define('POST', '/pools', { poolid: pool, comment: optional(words(1000)) }, nothing),
  /** Adds guests and storages, or takes them out with `delete`; `allow-move` takes guests from another pool. */
  update: define(
    'PUT',
    '/pools',
    {
      poolid: pool,
      comment: optional(words(1000)),
      vms: optional(list(vmid)),
      storage: optional(list(storage)),
      delete: optional(bool),
      'allow-move': optional(bool),
    },
    nothing,
  ),
  /** Empty ones only. */
  remove: define('DELETE', '/pools', { poolid: pool }, nothing),
}
