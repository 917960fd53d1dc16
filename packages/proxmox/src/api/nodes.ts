import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, of, rows, string, truth } from '../request/lenient.ts'
import { bool, kind, oneOf, optional } from '../request/parameter.ts'
import { textKind } from '../values/branded.ts'
import { nodeName } from '../values/names.ts'
import { node } from './parameters.ts'

const summary = z.object({
  node: of(nodeName),
  status: z.enum(['online', 'offline', 'unknown']).catch('unknown'),
  cpu: maybe(count),
  maxcpu: maybe(count),
  mem: maybe(count),
  maxmem: maybe(count),
  uptime: maybe(count),
  ssl_fingerprint: maybe(string),
})

/** A node of the cluster; bytes and seconds. */
export type NodeSummary = z.infer<typeof summary>

const status = z.object({
  pveversion: maybe(string),
  uptime: maybe(count),
  cpu: maybe(count),
  loadavg: maybe(z.array(count)),
  cpuinfo: maybe(z.object({ cpus: maybe(count), cores: maybe(count), sockets: maybe(count), model: maybe(string) })),
  memory: maybe(z.object({ total: count, used: count, free: maybe(count) })),
  rootfs: maybe(z.object({ total: count, used: count, avail: maybe(count) })),
  'current-kernel': maybe(z.object({ release: maybe(string), version: maybe(string) })),
})

export type NodeStatus = z.infer<typeof status>

const device = z.object({
  id: string,
  class: string,
  vendor: string,
  device: string,
  vendor_name: maybe(string),
  device_name: maybe(string),
  subsystem_vendor: maybe(string),
  subsystem_device: maybe(string),
  iommugroup: maybe(count),
  mdev: maybe(truth),
})

/** A PCI device of a node; ids as `0x8086`, `class` as `0x030000`. */
export type PciDevice = z.infer<typeof device>

const classes = kind(
  'classes',
  textKind('pci-class-blacklist', /[0-9a-f]{2}(?:;[0-9a-f]{2})*|/, 'classes such as 05;06'),
)

const card = z.object({
  iface: string,
  type: string,
  active: maybe(truth),
  autostart: maybe(truth),
  cidr: maybe(string),
  gateway: maybe(string),
  bridge_vlan_aware: maybe(truth),
  bridge_vids: maybe(string),
  comments: maybe(string),
})

/** A network interface of a node. */
export type NetworkInterface = z.infer<typeof card>

export const nodes = {
  list: define('GET', '/nodes', {}, rows(summary)),
  /** Needs Sys.Audit on the node. */
  status: define('GET', '/nodes/{node}/status', { node }, status),
}

export const network = {
  /** With `any_bridge`, VNets of SDN are there too. Only what the token may use (SDN.Use) or audit is listed. */
  list: define(
    'GET',
    '/nodes/{node}/network',
    {
      node,
      type: optional(oneOf('bridge', 'bond', 'eth', 'vlan', 'OVSBridge', 'vnet', 'any_bridge', 'any_local_bridge')),
    },
    rows(card),
  ),
}

export const hardware = {
  /** Needs Sys.Audit or Sys.Modify on `/`. Classes 05, 06 and 0b are left out unless others are named. */
  pci: define(
    'GET',
    '/nodes/{node}/hardware/pci',
    { node, 'pci-class-blacklist': optional(classes), verbose: optional(bool) },
    rows(device),
  ),
}
