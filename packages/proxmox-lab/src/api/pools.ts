import { has, requireAll } from '../access/check.ts'
import { splitList } from '../schema/formats.ts'
import { boolean, type Parameters, string } from '../schema/property.ts'
import type { Pool } from '../state/types.ts'
import { failed } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text } from './endpoint.ts'
import { statusOf } from './guest-status.ts'

const poolid = string({ format: 'pve-poolid' })
const allocate = { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] } as const
const kinds = string({ optional: true, enum: ['qemu', 'lxc', 'storage'] })
const changes: Parameters = {
  'allow-move': boolean({ optional: true }),
  comment: string({ optional: true }),
  delete: boolean({ optional: true }),
  poolid,
  storage: string({ optional: true, format: 'pve-storage-id-list' }),
  vms: string({ optional: true, format: 'pve-vmid-list' }),
}

function poolOf({ world, params }: Call): Pool {
  const id = need(params, 'poolid')
  const pool = Object.hasOwn(world.state.pools, id) ? world.state.pools[id] : undefined
  if (pool === undefined) throw failed(`pool '${id}' does not exist`)
  return pool
}

function shownPool(call: Call): Record<string, unknown> {
  const { world, params, who } = call
  const pool = poolOf(call)
  const wants = (kind: string): boolean => params.type === undefined || params.type === kind
  const guests = pool.guests.flatMap(vmid => {
    const guest = world.state.guests[vmid]
    if (guest === undefined || !wants(guest.kind) || !has(world.state, who, `/vms/${vmid}`, ['VM.Audit'])) return []
    return [{ ...statusOf(world, vmid, guest), vmid, id: `${guest.kind}/${vmid}`, type: guest.kind, node: world.node }]
  })
  const storages = wants('storage')
    ? pool.storages.map(storage => ({
        id: `storage/${world.node}/${storage}`,
        type: 'storage',
        storage,
        node: world.node,
      }))
    : []
  return { members: [...guests, ...storages], ...(pool.comment !== undefined && { comment: pool.comment }) }
}

function changePool(call: Call): null {
  const { world, params, who } = call
  const pool = poolOf(call)
  const comment = text(params, 'comment')
  if (comment !== undefined) pool.comment = comment
  for (const vmid of splitList(text(params, 'vms') ?? '').map(Number)) {
    requireAll(world.state, who, `/vms/${vmid}`, ['VM.Allocate'])
    const holder = Object.entries(world.state.pools).find(([, { guests }]) => guests.includes(vmid))
    if (flag(params, 'delete')) {
      if (!pool.guests.includes(vmid)) throw failed(`VM ${vmid} is not a pool member`)
      pool.guests = pool.guests.filter(id => id !== vmid)
      continue
    }
    if (world.state.guests[vmid] === undefined) throw failed(`VM ${vmid} does not exist`)
    if (holder !== undefined && holder[1] === pool) throw failed(`VM ${vmid} is already a pool member`)
    if (holder !== undefined && !flag(params, 'allow-move'))
      throw failed(`VM ${vmid} belongs already to pool '${holder[0]}' and 'allow-move' is not set`)
    if (holder !== undefined) holder[1].guests = holder[1].guests.filter(id => id !== vmid)
    pool.guests.push(vmid)
  }
  for (const id of splitList(text(params, 'storage') ?? '')) {
    requireAll(world.state, who, `/storage/${id}`, ['Datastore.Allocate'])
    pool.storages = pool.storages.filter(other => other !== id)
    if (!flag(params, 'delete')) pool.storages.push(id)
  }
  world.store.save()
  return null
}

function removePool(call: Call): null {
  const { world, params } = call
  const id = need(params, 'poolid')
  const pool = poolOf(call)
  if (pool.guests.length > 0) throw failed(`pool '${id}' is not empty (contains VM ${pool.guests[0]})`)
  if (pool.storages.length > 0) throw failed(`pool '${id}' is not empty (contains storage ${pool.storages[0]})`)
  delete world.state.pools[id]
  world.state.acl = world.state.acl.filter(({ path }) => path !== `/pool/${id}`)
  world.store.save()
  return null
}

export const poolEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/pools',
    permission: 'all',
    parameters: { poolid: { ...poolid, optional: true }, type: { ...kinds, requires: 'poolid' } },
    handle(call) {
      const { world, params, who } = call
      const mayAudit = (id: string): boolean => has(world.state, who, `/pool/${id}`, ['Pool.Audit'])
      if (params.poolid !== undefined) {
        requireAll(world.state, who, `/pool/${params.poolid}`, ['Pool.Audit'])
        return [{ poolid: params.poolid, ...shownPool(call) }]
      }
      return Object.entries(world.state.pools)
        .filter(([id]) => mayAudit(id))
        .map(([id, { comment }]) => ({ poolid: id, ...(comment !== undefined && { comment }) }))
    },
  },
  {
    method: 'POST',
    path: '/pools',
    permission: allocate,
    parameters: { comment: string({ optional: true }), poolid },
    handle({ world, params }) {
      const id = need(params, 'poolid')
      if (Object.hasOwn(world.state.pools, id)) throw failed(`create pool failed: pool '${id}' already exists`)
      const comment = text(params, 'comment')
      world.state.pools[id] = { guests: [], storages: [], ...(comment !== undefined && { comment }) }
      world.store.save()
      return null
    },
  },
  { method: 'PUT', path: '/pools', permission: allocate, parameters: changes, handle: changePool },
  { method: 'DELETE', path: '/pools', permission: allocate, parameters: { poolid }, handle: removePool },
  {
    method: 'GET',
    path: '/pools/{poolid}',
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Audit'] },
    parameters: { poolid, type: kinds },
    handle: shownPool,
  },
  { method: 'PUT', path: '/pools/{poolid}', permission: allocate, parameters: changes, handle: changePool },
  { method: 'DELETE', path: '/pools/{poolid}', permission: allocate, parameters: { poolid }, handle: removePool },
]
