import { ipv4, ipv4Setting, ipv6, ipv6Setting, macAddress } from './address.ts'
import { flag, number, propertyString, text } from './property.ts'

/** Network card of a container, `net0` to `net31`: rate in MB/s, tag is the VLAN, trunks as `2;5`. */
export const net = propertyString(
  {
    name: text(/[-_.\w]{1,15}/, 'the name of a network interface'),
    bridge: text(/[-_.\w]{1,40}/, 'the name of a bridge'),
    hwaddr: macAddress,
    ip: ipv4Setting,
    gw: ipv4,
    ip6: ipv6Setting,
    gw6: ipv6,
    tag: number(1, 4094),
    trunks: text(/\d{1,4}(?:;\d{1,4})*/, 'VLAN numbers, by semicolon'),
    mtu: number(64, 65_535),
    rate: number(0, 1_000_000, true),
    firewall: flag,
    link_down: flag,
    'host-managed': flag,
    type: text<'veth'>(/veth/, 'veth'),
  },
  ['name'],
)

export type Net = NonNullable<ReturnType<typeof net.parse>>
export const netCount = 32
