import fc from 'fast-check'
import type { Parameters } from '../../src/request/definition.ts'
import type { Parameter } from '../../src/request/parameter.ts'

// Values of every kind that a caller may give.

const pick = fc.constantFrom
const text = (pattern: RegExp): fc.Arbitrary<string> => fc.stringMatching(pattern)

const some = <T extends object>(
  model: { [K in keyof T]: fc.Arbitrary<T[K]> },
  requiredKeys: (keyof T)[],
): fc.Arbitrary<T> => fc.record(model, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<T>

const volumeArb = fc.oneof(
  fc
    .tuple(text(/^[a-z][a-z0-9._-]{0,8}[a-z0-9]$/), fc.integer({ min: 1, max: 5000 }))
    .map(([id, gib]) => `${id}:${gib}`),
  pick('local:104/vm-104-disk-0.raw', 'zfs:subvol-105-disk-1', 'local-lvm:vm-9-disk-3', '/srv/data'),
)
const mountOptions = fc
  .subarray(['discard', 'lazytime', 'noatime', 'nodev', 'noexec', 'nosuid'], { minLength: 1 })
  .map(all => all.join(';'))
const disk = {
  volume: volumeArb,
  size: pick('4G', '512M', '1.5T', '4096', '8K'),
  acl: fc.boolean(),
  mountoptions: mountOptions,
  quota: fc.boolean(),
  replicate: fc.boolean(),
  ro: fc.boolean(),
  shared: fc.boolean(),
}

export const rootfsArb = some(disk, ['volume'])
export const mountPointArb = some(
  { ...disk, mp: text(/^\/[a-z]{1,8}(?:\/[A-Za-z0-9_ =-]{1,8}){0,2}$/), backup: fc.boolean(), keepattrs: fc.boolean() },
  ['volume', 'mp'],
)

const prefix4 = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`)
const prefix6 = fc.tuple(fc.ipV6(), fc.integer({ min: 8, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`)

export const netArb = some(
  {
    name: text(/^[a-z][a-z0-9]{0,9}$/),
    bridge: pick('vmbr0', 'vmbr1', 'vnet.5', 'br-lan'),
    hwaddr: fc.uint8Array({ minLength: 6, maxLength: 6 }).map(bytes => {
      bytes[0] = (bytes[0] ?? 0) & 0xfe
      return [...bytes].map(byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
    }),
    ip: fc.oneof(pick('dhcp', 'manual'), prefix4),
    gw: fc.ipV4(),
    ip6: fc.oneof(pick('auto', 'dhcp', 'manual'), prefix6),
    gw6: fc.ipV6(),
    tag: fc.integer({ min: 1, max: 4094 }),
    trunks: fc.array(fc.integer({ min: 1, max: 4094 }), { minLength: 1, maxLength: 4 }).map(all => all.join(';')),
    mtu: fc.integer({ min: 64, max: 65_535 }),
    rate: pick(0.5, 1, 12.25, 1000),
    firewall: fc.boolean(),
    link_down: fc.boolean(),
    'host-managed': fc.boolean(),
    type: pick('veth' as const),
  },
  ['name'],
)

export const featuresArb = some(
  {
    nesting: fc.boolean(),
    keyctl: fc.boolean(),
    fuse: fc.boolean(),
    mknod: fc.boolean(),
    mount: pick('nfs', 'nfs;cifs'),
    force_rw_sys: fc.boolean(),
  },
  [],
).filter(value => Object.keys(value).length > 0)

export const deviceArb = some(
  {
    path: pick('/dev/dri/renderD128', '/dev/nvidia0', '/dev/net/tun'),
    mode: text(/^0[0-7]{3}$/),
    uid: fc.nat(65_535),
    gid: fc.nat(65_535),
    'deny-write': fc.boolean(),
  },
  ['path'],
)

export const startupArb = some({ order: fc.nat(99), up: fc.nat(600), down: fc.nat(600) }, []).filter(
  value => Object.keys(value).length > 0,
)

export const upidArb = some(
  {
    node: text(/^[a-z][a-z0-9]{0,8}$/),
    pid: fc.nat(0xffffffff),
    pstart: fc.nat(0xffffffff),
    starttime: fc.nat(0xffffffff),
    type: pick('vzcreate', 'vzstart', 'vzdump', 'download', 'imgdel'),
    id: pick('104', '', 'local', '104-unused0'),
    user: pick('root@pam', 'appstore@pve!store'),
  },
  ['node', 'pid', 'pstart', 'starttime', 'type', 'id', 'user'],
)

const byKind: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  address: fc.oneof(fc.ipV4(), fc.ipV6(), pick('fe80::1%eth0')),
  bool: fc.boolean(),
  bridge: pick('vmbr0'),
  checksum: text(/^[0-9a-f]{64}$/),
  classes: pick('05;06', '03', ''),
  device: deviceArb,
  digest: text(/^[0-9a-f]{40}$/),
  disk: pick('rootfs', 'mp0', 'mp10', 'mp255'),
  features: featuresArb,
  filename: pick('debian-12-standard_12.7-1_amd64.tar.zst', 'a.iso'),
  growth: fc.oneof(fc.nat(2 ** 42), fc.record({ more: fc.nat(2 ** 42) })),
  hostname: text(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{1,6}){0,2}$/),
  'mount point': mountPointArb,
  net: netArb,
  node: text(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?$/),
  option: pick('mp0', 'hostname', 'unused3', 'net31'),
  path: pick('/', '/pool/appstore', '/vms/104', '/storage/local', '/sdn/zones/localnetwork/vmbr0'),
  pool: text(/^[A-Za-z0-9._-]{1,10}(\/[A-Za-z0-9._-]{1,5}){0,2}$/),
  privilege: pick('VM.Audit', 'Datastore.AllocateSpace', 'VM.Snapshot.Rollback'),
  roleid: text(/^[A-Za-z0-9._-]{1,12}$/),
  groupid: text(/^[A-Za-z0-9._-]{1,12}$/),
  rootfs: rootfsArb,
  slot: pick('rootfs', 'mp0', 'mp255', 'unused0', 'unused255'),
  snapname: text(/^[A-Za-z][A-Za-z0-9_-]{1,20}$/),
  startup: startupArb,
  storage: text(/^[A-Za-z][A-Za-z0-9._-]{0,8}[A-Za-z0-9]$/),
  tags: fc.array(text(/^[a-z0-9_][a-z0-9_+.-]{0,8}$/), { maxLength: 4 }),
  timezone: pick('host', 'Europe/Vienna', 'Etc/GMT+5'),
  tokenid: text(/^[A-Za-z][A-Za-z0-9._-]{1,12}$/),
  'token id': pick('appstore@pve!store', 'a.b@pam!t-1'),
  upid: pick('UPID:vm:00001939:0009C65B:6B0214A3:vzcreate:107:appstore@pve!store:'),
  url: pick('https://download.example/a.tar.zst?x=1&y=%20', 'http://10.0.0.1/x'),
  userid: pick('appstore@pve', 'first.last@pam', 'mail@example.org@ldap'),
  volume: pick('local:vztmpl/debian-12.tar.zst', 'local:backup/vzdump-lxc-104-2026_11_22-00_00_00.tar.zst'),
  word: pick('vzcreate', 'root@pam'),
}

/** Values that a parameter takes. Throws for a kind that nobody made values of. */
export function valuesOf(parameter: Parameter<unknown, boolean>): fc.Arbitrary<unknown> {
  const { kind } = parameter
  const [name = '', ...rest] = kind.split(':')
  const [least = 0, most = 0] = rest.map(Number)
  if (name === 'int') return fc.oneof(pick(least, most), fc.integer({ min: least, max: Math.min(most, 2 ** 40) }))
  if (name === 'real') return fc.oneof(pick(least, most), fc.double({ min: least, max: most, noNaN: true }))
  if (name === 'text' || name === 'hidden') {
    const unit = fc.oneof(fc.string({ unit: 'grapheme' }), pick('&=?+%', '"\'', 'ä\u{1f600}', ' '))
    const free = fc.array(unit, { maxLength: 8 }).map(parts => parts.join(''))
    const lines = rest[2] === 'true' ? free.map(part => `${part}\n${part}`) : free
    return lines.map(part =>
      part
        .replace(/[^\P{Cc}\n]/gu, '')
        .padEnd(least, 'x')
        .slice(0, most),
    )
  }
  if (kind.startsWith('one of ')) return pick(...kind.slice(7).split(' '))
  if (kind.startsWith('list ')) {
    return fc.array(valuesOf({ ...parameter, kind: kind.slice(5) }), { minLength: 1, maxLength: 3 })
  }
  const known = byKind[kind]
  if (known === undefined) throw new Error(`no values of the kind ${kind}`)
  return known
}

/** Inputs of a definition: what is required is there, the rest at times, and what is needed beside it. */
export function inputOf(parameters: Parameters): fc.Arbitrary<Record<string, unknown>> {
  const model: Record<string, fc.Arbitrary<unknown>> = {}
  const requiredKeys: string[] = []
  for (const [name, parameter] of Object.entries(parameters)) {
    const { count } = parameter
    if (count === undefined) model[name] = valuesOf(parameter)
    else for (const index of [0, 1, count - 1]) model[name.replace('[n]', String(index))] = valuesOf(parameter)
    if (!parameter.isOptional) requiredKeys.push(name)
  }
  return fc.record(model, { requiredKeys }).map(input => {
    const kept = Object.entries(input).filter(([name]) => {
      const needs = parameters[name]?.needs
      return (
        needs === undefined ||
        (needs in input && (parameters[needs]?.needs === undefined || parameters[needs].needs in input))
      )
    })
    return Object.fromEntries(kept)
  })
}
