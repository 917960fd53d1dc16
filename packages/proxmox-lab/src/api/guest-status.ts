import { has } from '../access/check.ts'
import { guestPath, node } from '../schema/property.ts'
import { bytesOf } from '../state/config.ts'
import { diskParts, seconds, viewOf } from '../state/disks.ts'
import { guestOf, isRunning } from '../state/guests.ts'
import type { Guest } from '../state/types.ts'
import type { Endpoint, World } from './endpoint.ts'

const path = '/nodes/{node}/lxc/{vmid}'
const audit = { path: '/vms/{vmid}', privileges: ['VM.Audit'] } as const
const megabyte = 1024 ** 2

/** State and counters of a guest; counters of one that runs grow with time and stay below its limits. */
export function statusOf(world: World, vmid: number, guest: Guest): Record<string, unknown> {
  const { config } = guest
  const running = isRunning(guest)
  const uptime = guest.startedAt === undefined ? 0 : Math.max(0, seconds() - guest.startedAt)
  const maxmem = Number(config.memory ?? 512) * megabyte
  const { size = '0' } = diskParts(config.rootfs ?? '')
  const maxdisk = bytesOf(size)
  return {
    vmid: world.version === 8 ? String(vmid) : vmid,
    name: config.hostname ?? `CT${vmid}`,
    type: 'lxc',
    status: running ? 'running' : 'stopped',
    cpus: Number(config.cores ?? 2),
    cpu: running ? 0.002 + (vmid % 7) / 1000 : 0,
    maxmem,
    mem: running ? Math.min(maxmem, 24 * megabyte + (vmid % 50) * megabyte) : 0,
    maxswap: Number(config.swap ?? 512) * megabyte,
    swap: 0,
    maxdisk,
    disk: running ? Math.min(maxdisk, 300 * megabyte) : 0,
    diskread: running ? 4096 * (100 + uptime) : 0,
    diskwrite: running ? 4096 * (10 + uptime) : 0,
    netin: running ? 120 * uptime : 0,
    netout: running ? 60 * uptime : 0,
    uptime,
    ...(running && { pid: guest.pid ?? 1000 + (vmid % 30_000) }),
    ...(config.tags !== undefined && { tags: config.tags }),
    ...(config.lock !== undefined && { lock: config.lock }),
    ...(config.template === '1' && { template: 1 }),
  }
}

/** Ids and guests that somebody may see, in the order of ids. */
export const visibleGuests = (world: World, who: string): readonly (readonly [number, Guest])[] =>
  Object.entries(world.state.guests)
    .map(([vmid, guest]) => [Number(vmid), guest] as const)
    .filter(([vmid]) => has(world.state, who, `/vms/${vmid}`, ['VM.Audit']))

export const statusEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/lxc',
    permission: 'all',
    parameters: { node },
    handle: ({ world, who }) =>
      visibleGuests(world, who)
        .filter(([, guest]) => guest.kind === 'lxc')
        .map(([vmid, guest]) => statusOf(world, vmid, guest)),
  },
  {
    method: 'GET',
    path,
    permission: 'all',
    parameters: guestPath,
    handle({ world, params }) {
      guestOf(world, Number(params.vmid))
      return ['config', 'status', 'vncproxy', 'termproxy', 'vncwebsocket', 'snapshot', 'interfaces'].map(subdir => ({
        subdir,
      }))
    },
  },
  {
    method: 'GET',
    path: `${path}/status`,
    permission: 'all',
    parameters: guestPath,
    handle: () => ['current', 'start', 'stop', 'shutdown', 'suspend', 'resume', 'reboot'].map(subdir => ({ subdir })),
  },
  {
    method: 'GET',
    path: `${path}/status/current`,
    permission: audit,
    parameters: guestPath,
    handle({ world, params }) {
      const vmid = Number(params.vmid)
      return { ...statusOf(world, vmid, guestOf(world, vmid)), ha: { managed: 0 } }
    },
  },
  {
    method: 'GET',
    path: `${path}/interfaces`,
    permission: audit,
    parameters: guestPath,
    async handle({ world, params }) {
      const vmid = Number(params.vmid)
      const guest = guestOf(world, vmid)
      if (!isRunning(guest) || !world.runtime.isRunning(vmid)) return null
      const loopback = { name: 'lo', hwaddr: '00:00:00:00:00:00', inet: '127.0.0.1/8', inet6: '::1/128' }
      const found = await world.runtime.addresses(viewOf(world, vmid, guest.config))
      return [loopback, ...found].map(address => ({ ...address, ...(world.version === 9 && listed(address)) }))
    },
  },
]

/** The list of addresses that version 9 has besides. */
function listed({ hwaddr, inet, inet6 }: { hwaddr: string; inet?: string; inet6?: string }): object {
  const entry = (type: string, text: string | undefined): object[] => {
    const [address, prefix] = text?.split('/') ?? []
    return address === undefined ? [] : [{ 'ip-address': address, 'ip-address-type': type, prefix }]
  }
  return { 'hardware-address': hwaddr, 'ip-addresses': [...entry('inet', inet), ...entry('inet6', inet6)] }
}
