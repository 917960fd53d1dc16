import { beside, bool, hidden, int, list, oneOf, optional, real, tagList, words } from '../request/parameter.ts'
import * as of from './parameters.ts'

/** Options that a container is made with and that can be changed later. */
export const options = {
  arch: optional(oneOf('amd64', 'i386', 'arm64', 'armhf', 'riscv32', 'riscv64')),
  cmode: optional(oneOf('shell', 'console', 'tty')),
  console: optional(bool),
  cores: optional(int(1, 8192)),
  /** CPUs that may be used at once; 0 is no limit. */
  cpulimit: optional(real(0, 8192)),
  cpuunits: optional(int(0, 500_000)),
  debug: optional(bool),
  /** At most 8192 characters, line feeds too. */
  description: optional(words(8192, { lines: true })),
  /** Refused to tokens. */
  'dev[n]': of.devices,
  /** Tokens may set `nesting` only, and only for unprivileged containers. */
  features: optional(of.featureFlags),
  hookscript: optional(of.volume),
  hostname: optional(of.hostname),
  /** MiB. */
  memory: optional(int(16)),
  'mp[n]': of.mountPoints,
  /** Addresses; link-local ones with their interface, `fe80::1%eth0`. */
  nameserver: optional(list(of.address)),
  'net[n]': of.nets,
  onboot: optional(bool),
  ostype: optional(
    oneOf(
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
    ),
  ),
  protection: optional(bool),
  rootfs: optional(of.rootDisk),
  searchdomain: optional(list(of.hostname)),
  startup: optional(of.startOrder),
  /** MiB. */
  swap: optional(int(0)),
  tags: optional(tagList),
  template: optional(bool),
  timezone: optional(of.timezone),
  tty: optional(int(0, 6)),
  unprivileged: optional(bool),
}

/** What only the call that makes a container has; `restore` makes it from a backup, `ostemplate` then names that. */
export const creation = {
  node: of.node,
  vmid: of.vmid,
  ostemplate: of.volume,
  bwlimit: optional(of.bandwidth),
  force: optional(bool),
  'ignore-unpack-errors': optional(bool),
  password: optional(hidden(5, 255)),
  pool: optional(of.pool),
  restore: optional(bool),
  'ssh-public-keys': optional(words(65_536, { lines: true })),
  start: optional(bool),
  storage: optional(of.storage),
  unique: beside('restore', bool),
}

/** What only the call that changes a container has. */
export const change = {
  node: of.node,
  vmid: of.vmid,
  delete: optional(list(of.option)),
  digest: optional(of.digest),
  revert: optional(list(of.option)),
}
