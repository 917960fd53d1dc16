import { has } from '../access/check.ts'
import { node, string, vmid } from '../schema/property.ts'
import { usedOf } from '../state/disks.ts'
import { failed, invalid } from '../wire/error.ts'
import { type Endpoint, text, type World } from './endpoint.ts'
import { statusOf, visibleGuests } from './guest-status.ts'

/** What each version says of itself. */
export const versions = {
  8: { release: '8.4', version: '8.4.14', repoid: 'b502d23c55afcba1' },
  9: { release: '9.2', version: '9.2.11', repoid: 'feas' },
} as const

export const clusterEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/version',
    permission: 'all',
    parameters: {},
    handle: ({ world }) => versions[world.version],
  },
  {
    method: 'GET',
    path: '/nodes/{node}/version',
    permission: 'all',
    parameters: { node },
    handle: ({ world }) => versions[world.version],
  },
  {
    method: 'GET',
    path: '/cluster/nextid',
    permission: 'all',
    parameters: { vmid: { ...vmid, optional: true } },
    handle({ world, params }) {
      const isTaken = (id: number): boolean => world.state.guests[id] !== undefined
      if (params.vmid !== undefined) {
        if (isTaken(Number(params.vmid))) throw invalid({ vmid: `VM ${params.vmid} already exists` })
        return String(params.vmid)
      }
      for (let id = 100; id <= 999_999_999; id += 1) if (!isTaken(id)) return String(id)
      throw failed('unable to get any free VMID')
    },
  },
  {
    method: 'GET',
    path: '/cluster/resources',
    permission: 'all',
    parameters: { type: string({ optional: true, enum: ['vm', 'storage', 'node', 'sdn'] }) },
    handle({ world, params, who }) {
      const type = text(params, 'type')
      const wants = (name: string): boolean => type === undefined || type === name
      return [
        ...(wants('vm') ? guestResources(world, who) : []),
        ...(wants('node') ? [nodeResource(world, who)] : []),
        ...(wants('storage') ? storageResources(world, who) : []),
        ...(wants('sdn') ? sdnResources(world, who) : []),
      ]
    },
  },
  {
    method: 'GET',
    path: '/cluster/status',
    permission: { path: '/', privileges: ['Sys.Audit'] },
    parameters: {},
    handle: ({ world }) => [
      {
        id: `node/${world.node}`,
        type: 'node',
        name: world.node,
        nodeid: 0,
        local: 1,
        online: 1,
        ip: '127.0.0.1',
        level: '',
      },
    ],
  },
]

function guestResources(world: World, who: string): object[] {
  return visibleGuests(world, who).map(([vmid, guest]) => {
    const { cpus, type: _, pid: __, swap: ___, maxswap: ____, ...status } = statusOf(world, vmid, guest)
    const pool = Object.entries(world.state.pools).find(([, { guests }]) => guests.includes(vmid))?.[0]
    return {
      ...status,
      vmid,
      id: `${guest.kind}/${vmid}`,
      type: guest.kind,
      node: world.node,
      maxcpu: cpus,
      template: guest.config.template === '1' ? 1 : 0,
      ...(pool !== undefined && { pool }),
    }
  })
}

/** What `/nodes` and the list of resources tell of the node. */
export function nodeResource(world: World, who: string): Record<string, unknown> {
  const gigabyte = 1024 ** 3
  const plain = { id: `node/${world.node}`, node: world.node, type: 'node', status: 'online' }
  if (!has(world.state, who, `/nodes/${world.node}`, ['Sys.Audit'])) return plain
  const uptime = Math.floor((Date.now() - world.bootedAt) / 1000)
  return {
    ...plain,
    uptime,
    cpu: 0.05,
    maxcpu: 8,
    mem: 6 * gigabyte,
    maxmem: 32 * gigabyte,
    disk: 10 * gigabyte,
    maxdisk: 100 * gigabyte,
    level: '',
  }
}

function storageResources(world: World, who: string): object[] {
  return Object.entries(world.state.storages)
    .filter(([id]) => has(world.state, who, `/storage/${id}`, ['Datastore.Audit']))
    .map(([id, storage]) => ({
      id: `storage/${world.node}/${id}`,
      type: 'storage',
      storage: id,
      node: world.node,
      status: 'available',
      plugintype: storage.type,
      content: storage.content,
      shared: storage.shared,
      disk: usedOf(world, id),
      maxdisk: storage.total,
    }))
}

function sdnResources(world: World, who: string): object[] {
  if (!has(world.state, who, '/sdn/zones/localnetwork', ['SDN.Audit'])) return []
  return [{ id: `sdn/${world.node}/localnetwork`, type: 'sdn', sdn: 'localnetwork', node: world.node, status: 'ok' }]
}
