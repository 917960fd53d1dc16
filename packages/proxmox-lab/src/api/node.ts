import { has } from '../access/check.ts'
import { boolean, node, string } from '../schema/property.ts'
import { nodeResource, versions } from './cluster.ts'
import { type Endpoint, text } from './endpoint.ts'

export const nodeEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/nodes',
    permission: 'all',
    parameters: {},
    handle: ({ world, who }) => [
      {
        ...nodeResource(world, who),
        ssl_fingerprint: world.fingerprint,
      },
    ],
  },
  {
    method: 'GET',
    path: '/nodes/{node}',
    permission: 'all',
    parameters: { node },
    handle: () =>
      ['aplinfo', 'lxc', 'network', 'status', 'storage', 'tasks', 'version', 'vzdump'].map(name => ({ name })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/status',
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
    parameters: { node },
    handle({ world, who }) {
      const { uptime, cpu, mem, maxmem, disk, maxdisk } = nodeResource(world, who)
      return {
        uptime,
        cpu,
        wait: 0,
        loadavg: ['0.10', '0.08', '0.05'],
        pveversion: `pve-manager/${versions[world.version].version}/${versions[world.version].repoid}`,
        kversion: 'Linux lab',
        memory: { total: maxmem, used: mem, free: Number(maxmem) - Number(mem) },
        rootfs: { total: maxdisk, used: disk, avail: Number(maxdisk) - Number(disk) },
        cpuinfo: { cpus: 8, cores: 4, sockets: 1, model: 'lab' },
      }
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/network',
    permission: 'all',
    parameters: {
      node,
      type: string({
        optional: true,
        enum: [
          'bridge',
          'bond',
          'eth',
          'alias',
          'vlan',
          'fabric',
          'OVSBridge',
          'OVSBond',
          'OVSPort',
          'OVSIntPort',
          'vnet',
          'any_bridge',
          'any_local_bridge',
          'include_sdn',
        ],
      }),
    },
    handle({ world, params, who }) {
      const type = text(params, 'type')
      const wanted = type?.startsWith('any_') === true ? 'bridge' : type === 'include_sdn' ? undefined : type
      const usesBridges = (id: string): boolean =>
        ['SDN.Audit', 'SDN.Use'].some(privilege => has(world.state, who, `/sdn/zones/localnetwork/${id}`, [privilege]))
      return world.state.networks
        .filter(network => wanted === undefined || network.type === wanted)
        .filter(network => network.type !== 'bridge' || who === 'root@pam' || usesBridges(network.iface))
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/hardware/pci',
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit', 'Sys.Modify'], any: true },
    parameters: {
      node,
      'pci-class-blacklist': string({ optional: true }),
      verbose: boolean({ optional: true }),
    },
    handle: () => [
      {
        id: '0000:00:02.0',
        class: '0x030000',
        vendor: '0x8086',
        device: '0x46d1',
        vendor_name: 'Intel Corporation',
        device_name: 'Alder Lake-N [UHD Graphics]',
        iommugroup: 0,
      },
    ],
  },
]
