import { boolean, integer, type Keys, number, optional, type Parameters, string } from './property.ts'

const mountOption = '(?:discard|lazytime|noatime|nodev|noexec|nosuid)'
const diskKeys = {
  acl: boolean({ optional: true }),
  mountoptions: string({ optional: true, pattern: `${mountOption}(?:;${mountOption})*` }),
  quota: boolean({ optional: true }),
  replicate: boolean({ optional: true }),
  ro: boolean({ optional: true }),
  shared: boolean({ optional: true }),
  size: string({ optional: true, format: 'disk-size' }),
  volume: string({ format: 'pve-lxc-mp-string', isDefaultKey: true }),
} as const satisfies Keys

/** Keys of `rootfs`. */
export const rootfsKeys: Keys = diskKeys
/** Keys of `mpN`. */
export const mountKeys: Keys = {
  ...diskKeys,
  backup: boolean({ optional: true }),
  keepattrs: boolean({ optional: true }),
  mp: string({ format: 'pve-lxc-mp-string' }),
}
/** Keys of `netN`. */
export const netKeys: Keys = {
  bridge: string({ optional: true, pattern: '[-_.\\w\\d]+' }),
  firewall: boolean({ optional: true }),
  gw: string({ optional: true, format: 'ipv4' }),
  gw6: string({ optional: true, format: 'ipv6' }),
  'host-managed': boolean({ optional: true }),
  hwaddr: string({ optional: true, format: 'mac-addr' }),
  ip: string({ optional: true, format: 'pve-ipv4-config' }),
  ip6: string({ optional: true, format: 'pve-ipv6-config' }),
  link_down: boolean({ optional: true }),
  mtu: integer({ optional: true, minimum: 64, maximum: 65_535 }),
  name: string({ pattern: '[-_.\\w\\d]+' }),
  rate: number({ optional: true }),
  tag: integer({ optional: true, minimum: 1, maximum: 4094 }),
  trunks: string({ optional: true, pattern: '\\d+(?:;\\d+)*' }),
  type: string({ optional: true, enum: ['veth'] }),
}
/** Keys of `features`. */
export const featureKeys: Keys = {
  force_rw_sys: boolean({ optional: true }),
  fuse: boolean({ optional: true }),
  keyctl: boolean({ optional: true }),
  mknod: boolean({ optional: true }),
  mount: string({ optional: true, pattern: '[a-zA-Z0-9_; ]+' }),
  nesting: boolean({ optional: true }),
}
const deviceKeys: Keys = {
  'deny-write': boolean({ optional: true }),
  gid: integer({ optional: true, minimum: 0 }),
  mode: string({ optional: true, pattern: '0[0-7]{3}' }),
  path: string({ optional: true, format: 'pve-lxc-dev-string', isDefaultKey: true }),
  uid: integer({ optional: true, minimum: 0 }),
}
/** Characters of a variable's value and of an entry point; control characters are left out, except 9 to 15. */
const plain = '[^\\x00-\\x08\\x10-\\x1F\\x7F]'

/** Settings of a container that creating and changing it have in common. All are optional. */
export const guestSettings: Parameters = {
  arch: string({ optional: true, enum: ['amd64', 'i386', 'arm64', 'armhf', 'riscv32', 'riscv64'] }),
  cmode: string({ optional: true, enum: ['shell', 'console', 'tty'] }),
  console: boolean({ optional: true }),
  cores: integer({ optional: true, minimum: 1, maximum: 8192 }),
  cpulimit: number({ optional: true, minimum: 0, maximum: 8192 }),
  cpuunits: integer({ optional: true, minimum: 0, maximum: 500_000 }),
  debug: boolean({ optional: true }),
  description: string({ optional: true, maxLength: 8192 }),
  'dev[n]': string({ optional: true, format: deviceKeys }),
  entrypoint: string({ optional: true, pattern: `${plain}+` }),
  env: string({ optional: true, pattern: `\\w+=${plain}*(?:\\0\\w+=${plain}*)*` }),
  features: string({ optional: true, format: featureKeys }),
  hookscript: string({ optional: true, format: 'pve-volume-id' }),
  hostname: string({ optional: true, format: 'dns-name', maxLength: 255 }),
  lock: string({
    optional: true,
    enum: [
      'backup',
      'create',
      'destroyed',
      'disk',
      'fstrim',
      'migrate',
      'mounted',
      'rollback',
      'snapshot',
      'snapshot-delete',
    ],
  }),
  memory: integer({ optional: true, minimum: 16 }),
  'mp[n]': string({ optional: true, format: mountKeys }),
  nameserver: string({ optional: true, format: 'lxc-ip-with-ll-iface-list' }),
  'net[n]': string({ optional: true, format: netKeys }),
  onboot: boolean({ optional: true }),
  ostype: string({
    optional: true,
    enum: [
      'debian',
      'devuan',
      'ubuntu',
      'centos',
      'fedora',
      'opensuse',
      'archlinux',
      'alpine',
      'gentoo',
      'nixos',
      'unmanaged',
    ],
  }),
  protection: boolean({ optional: true }),
  rootfs: string({ optional: true, format: rootfsKeys }),
  searchdomain: string({ optional: true, format: 'dns-name-list' }),
  startup: string({ optional: true, format: 'pve-startup-order' }),
  swap: integer({ optional: true, minimum: 0 }),
  tags: string({ optional: true, format: 'pve-tag-list' }),
  template: boolean({ optional: true }),
  timezone: string({ optional: true, format: 'pve-ct-timezone' }),
  tty: integer({ optional: true, minimum: 0, maximum: 6 }),
  unprivileged: boolean({ optional: true }),
  'unused[n]': optional(string({ format: { volume: string({ format: 'pve-volume-id', isDefaultKey: true }) } })),
}
