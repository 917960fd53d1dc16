import { isIPv4, isIPv6 } from 'node:net'

/** Formats of single values, and of lists of them by `-list`; the messages are those that Proxmox answers. */
export const formats = {
  'pve-node': matching(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/i, 'value does not look like a valid node name'),
  'pve-vmid': matching(/^[1-9][0-9]{2,8}$/, 'value does not look like a valid VM ID'),
  'pve-storage-id': matching(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, 'storage ID contains illegal characters'),
  'pve-poolid': (value: string): string | undefined =>
    /^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/.test(value)
      ? undefined
      : `value does not look like a valid pool name`,
  'pve-configid': (value: string): string | undefined =>
    /^[a-z][a-z0-9_-]+$/i.test(value) ? undefined : `invalid configuration ID '${value}'`,
  'pve-volume-id': (value: string): string | undefined =>
    /^[a-z][a-z0-9\-_.]*[a-z0-9]:\S+$/i.test(value) ? undefined : `unable to parse volume ID '${value}'`,
  'dns-name': matching(
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i,
    'value does not look like a valid DNS name',
  ),
  'pve-tag': matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, 'invalid characters in tag'),
  'pve-groupid': matching(/^[A-Za-z0-9.\-_]+$/, 'group name contains invalid characters'),
  'pve-roleid': matching(/^[A-Za-z0-9.\-_]+$/, 'role name contains invalid characters'),
  'pve-realm': matching(/^[A-Za-z][A-Za-z0-9.\-_]+$/, 'value does not look like a valid realm'),
  'pve-userid': matching(/^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/, 'value does not look like a valid user name'),
  'pve-tokenid': matching(
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/,
    'value does not look like a valid token ID',
  ),
  'pve-priv': matching(/^[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)+$/, 'invalid privilege'),
  'pve-storage-content': matching(
    /^(?:images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
    'invalid content type',
  ),
  'pve-startup-order': matching(/^(?:(?:order=)?\d+)?(?:,?(?:up|down)=\d+)*$/, 'unable to parse startup options'),
  'pve-ct-timezone': matching(/^(?:host|[A-Za-z0-9_+\-/]+)$/, 'invalid time zone'),
  'pve-lxc-mp-string': (value: string): string | undefined =>
    /(?:^|\/)\.\.?(?:\/|$)/.test(value) ? 'not a valid mount path' : undefined,
  'pve-lxc-dev-string': matching(/^\/dev\/(?!.*(?:^|\/)\.\.?(?:\/|$))/, 'device path must start with /dev/'),
  'disk-size': matching(/^\d+(?:\.\d+)?[KMGT]?$/, 'value does not look like a valid disk size'),
  'mac-addr': (value: string): string | undefined =>
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i.test(value)
      ? undefined
      : 'value does not look like a valid unicast MAC address',
  ipv4: (value: string): string | undefined =>
    isIPv4(value) ? undefined : 'value does not look like a valid IPv4 address',
  ipv6: (value: string): string | undefined =>
    isIPv6(value) ? undefined : 'value does not look like a valid IPv6 address',
  'pve-ipv4-config': (value: string): string | undefined =>
    value === 'dhcp' || value === 'manual' || isNetwork(value, isIPv4, 32)
      ? undefined
      : 'value does not look like a valid ipv4 network configuration',
  'pve-ipv6-config': (value: string): string | undefined =>
    ['auto', 'dhcp', 'manual'].includes(value) || isNetwork(value, isIPv6, 128)
      ? undefined
      : 'value does not look like a valid ipv6 network configuration',
  'lxc-ip-with-ll-iface': (value: string): string | undefined =>
    value === 'host' || isIPv4(value) || isIPv6(value.replace(/%\w+$/, '')) ? undefined : 'not a valid IP address',
  'pve-task-status-type': matching(/^(?:ok|error|warning|unknown)$/, 'invalid task status'),
  'email-opt': matching(/^(?:[^\s@]+@[^\s@]+)?$/, 'value does not look like a valid email address'),
} as const satisfies Record<string, (value: string) => string | undefined>

type Name = keyof typeof formats
/** Name of a format; with `-list`, values separated by comma, semicolon or blank. */
export type Format = Name | `${Name}-list`

/** Says what is wrong with a value, or undefined. */
export function checkFormat(format: Format, value: string): string | undefined {
  if (Object.hasOwn(formats, format)) return formats[format as Name](value)
  const check = formats[format.slice(0, -'-list'.length) as Name]
  for (const part of splitList(value)) {
    const problem = check(part)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Parts of a list as Proxmox writes them: separated by comma, semicolon, blank or NUL; empty parts do not count. */
export const splitList = (value: string): string[] => value.split(/[,;\s\0]+/).filter(part => part !== '')

function matching(pattern: RegExp, problem: string): (value: string) => string | undefined {
  return value => (pattern.test(value) && !value.includes('\n') ? undefined : problem)
}

function isNetwork(value: string, isAddress: (text: string) => boolean, bits: number): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/')
  return rest.length === 0 && isAddress(address) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}
