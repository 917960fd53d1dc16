import { isIPv4, isIPv6 } from 'node:net'
import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'
import type { Property } from './property.ts'

const checked = (fits: (value: string) => boolean, allowed: string): Property<string> => ({
  read: value => (fits(value) ? value : undefined),
  print: (value, field) => {
    if (typeof value !== 'string' || !fits(value)) throw invalid(field, `${escapeValue(value)} is not ${allowed}`)
    return value
  },
})

function isNetwork(value: string, isAddress: (text: string) => boolean, most: number): boolean {
  const [, address = '', prefix = ''] = /^([^/%]+)\/([1-9]\d{0,2})$/.exec(value) ?? []
  return isAddress(address) && Number(prefix) >= 8 && Number(prefix) <= most
}

/** Whether Proxmox takes it as an IPv4 address with prefix, 8 to 32. */
export const isCidr4 = (value: string): boolean => isNetwork(value, isIPv4, 32)

/** Whether Proxmox takes it as an IPv6 address with prefix, 8 to 128. Zones are not. */
export const isCidr6 = (value: string): boolean => isNetwork(value, isIPv6, 128)

export const ipv4 = checked(isIPv4, 'an IPv4 address')
export const ipv6 = checked(value => isIPv6(value) && !value.includes('%'), 'an IPv6 address')
export const ipv4Setting = checked(
  value => value === 'dhcp' || value === 'manual' || isCidr4(value),
  'dhcp, manual, or an IPv4 address with prefix (10.0.0.5/24)',
)
export const ipv6Setting = checked(
  value => value === 'auto' || value === 'dhcp' || value === 'manual' || isCidr6(value),
  'auto, dhcp, manual, or an IPv6 address with prefix',
)

/** A MAC address of one card: the lowest bit of its first byte is 0. */
export const macAddress = checked(
  value => /^[0-9a-fA-F][02468aceACE](?::[0-9a-fA-F]{2}){5}$/.test(value),
  'a unicast MAC address',
)

/** Address of a name server: IPv4, IPv6, or a link-local IPv6 address with its interface. */
export function nameServer(value: string, field = 'nameserver'): string {
  const [address = '', zone, ...rest] = typeof value === 'string' ? value.split('%') : []
  const isLocal = /^fe[89ab][0-9a-f]:/i.test(address) && isIPv6(address)
  const fits =
    zone === undefined ? isIPv4(address) || isIPv6(address) : isLocal && /^[a-z][a-z0-9._-]{0,14}$/i.test(zone)
  if (!fits || rest.length > 0) throw invalid(field, `${escapeValue(value)} is not the address of a name server`)
  return value
}
