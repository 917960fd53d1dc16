import { isIPv4, isIPv6 } from 'node:net'

// An own reading of Proxmox's published schema: what the API would refuse is found without the library's rules.

export interface Property {
  readonly type?: string
  readonly optional?: number
  readonly format?: string | Readonly<Record<string, Property>>
  readonly pattern?: string
  readonly enum?: readonly unknown[] | null
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly minLength?: number
  readonly maxLength?: number
  readonly requires?: string
  readonly default_key?: number
}

export interface MethodSchema {
  readonly parameters: { readonly properties?: Readonly<Record<string, Property>> }
}

export type Schema = Readonly<Record<string, Readonly<Record<string, MethodSchema>>>>

const cidr = (text: string, isAddress: (text: string) => boolean, most: number): boolean => {
  const [address = '', bits = '', ...rest] = text.split('/')
  return isAddress(address) && /^\d+$/.test(bits) && Number(bits) > 7 && Number(bits) <= most && rest.length === 0
}

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'pve-node': text => /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(text),
  'pve-vmid': text => /^[1-9][0-9]{2,8}$/.test(text),
  'pve-storage-id': text => /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(text),
  'pve-poolid': text => /^[A-Za-z0-9.\-_]+(\/[A-Za-z0-9.\-_]+){0,2}$/.test(text),
  'pve-userid': text => /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/.test(text) && text.length <= 64,
  'pve-tokenid': text => /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/.test(text),
  'pve-roleid': text => /^[A-Za-z0-9.\-_]+$/.test(text),
  'pve-groupid': text => /^[A-Za-z0-9.\-_]+$/.test(text),
  'pve-priv': text => /^[A-Z][A-Za-z]*(\.[A-Z][A-Za-z]*)+$/.test(text),
  'pve-configid': text => /^[a-z][a-z0-9_-]+$/i.test(text),
  'pve-volume-id': text => /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i.test(text),
  'dns-name': text =>
    /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/.test(text),
  'pve-tag': text => /^[a-z0-9_][a-z0-9_\-+.]*$/i.test(text),
  'pve-startup-order': text =>
    text
      .split(',')
      .every(
        (part, at) =>
          (at === 0 && /^(order=)?\d+$/.test(part)) || /^(up|down)=\d+$/.test(part) || /^order=\d+$/.test(part),
      ),
  'pve-ct-timezone': text => text === 'host' || /^[A-Za-z0-9_+\-/]+$/.test(text),
  'pve-storage-content': text => /^(images|rootdir|vztmpl|iso|backup|snippets|none|import)$/.test(text),
  'pve-task-status-type': text => /^(ok|error|warning|unknown)$/i.test(text),
  'pve-lxc-mp-string': text => !/(^|\/)\.\.?(\/|$)/.test(text) && text !== '',
  'pve-lxc-dev-string': text => text.startsWith('/dev/') && !text.includes('/../'),
  'disk-size': text => /^\d+(\.\d+)?[KMGT]?$/.test(text),
  'mac-addr': text => /^[a-f0-9][02468ace](:[a-f0-9]{2}){5}$/i.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  'pve-ipv4-config': text => /^(dhcp|manual)$/.test(text) || cidr(text, isIPv4, 32),
  'pve-ipv6-config': text => /^(auto|dhcp|manual)$/.test(text) || cidr(text, isIPv6, 128),
  'lxc-ip-with-ll-iface': text => isIPv4(text) || isIPv6(text) || /^fe80:[0-9a-f:]+%\w+$/i.test(text),
}

/** Why a value would be refused, or undefined. Throws for a format that is not described above. */
export function refusal(value: string, property: Property): string | undefined {
  const { type, format, pattern } = property
  if (type === 'boolean' && !/^[01]$/.test(value)) return 'not 0 or 1'
  if (type === 'integer' && !/^-?\d+$/.test(value)) return 'not an integer'
  if (type === 'number' && !/^-?\d+(\.\d+)?$/.test(value)) return 'not a number'
  if (property.minimum !== undefined && Number(value) < Number(property.minimum)) return `below ${property.minimum}`
  if (property.maximum !== undefined && Number(value) > Number(property.maximum)) return `above ${property.maximum}`
  if (property.minLength !== undefined && value.length < property.minLength) return `shorter than ${property.minLength}`
  if (property.maxLength !== undefined && value.length > property.maxLength) return `longer than ${property.maxLength}`
  if (property.enum && !property.enum.map(String).includes(value)) return 'not in the enumeration'
  if (pattern !== undefined && !perl(pattern).test(value)) return `not of the pattern ${pattern}`
  if (typeof format === 'object') return propertyRefusal(value, format)
  if (format === undefined || (value === '' && /-list$/.test(format))) return undefined
  const list = formats[format] === undefined && format.endsWith('-list') ? format.slice(0, -5) : undefined
  const check = formats[list ?? format]
  if (check === undefined) throw new Error(`no rule for the format ${format}`)
  const parts = list === undefined ? [value] : value.split(/[,;\s\0]/)
  return parts.every(check) ? undefined : `not of the format ${format}`
}

function propertyRefusal(value: string, keys: Readonly<Record<string, Property>>): string | undefined {
  const short = Object.keys(keys).find(key => keys[key]?.default_key === 1)
  const seen = new Set<string>()
  for (const part of value.split(',')) {
    const at = part.indexOf('=')
    const key = at < 0 ? (short ?? '') : part.slice(0, at)
    const property = keys[key]
    if (property === undefined) return `unknown key ${key}`
    if (seen.has(key)) return `twice ${key}`
    seen.add(key)
    const why = refusal(at < 0 ? part : part.slice(at + 1), property)
    if (why !== undefined) return `${key}: ${why}`
  }
  const lacking = Object.keys(keys).filter(key => keys[key]?.optional !== 1 && !seen.has(key))
  return lacking.length > 0 ? `lacks ${lacking.join(', ')}` : undefined
}

function perl(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replaceAll('(?^i:', '(?i:').replaceAll('(?^:', '(?:')})$`)
}

/** Reasons for which a request would be refused: unknown, lacking or wrong parameters. */
export function refusals(method: MethodSchema, given: readonly (readonly [string, string])[]): string[] {
  const properties = method.parameters.properties ?? {}
  const reasons: string[] = []
  const propertyOf = (name: string): Property | undefined => properties[name] ?? properties[name.replace(/\d+$/, '[n]')]
  for (const [name, value] of given) {
    const property = propertyOf(name)
    if (property === undefined) reasons.push(`${name}: not in the schema`)
    else {
      const why = refusal(value, property)
      if (why !== undefined) reasons.push(`${name}: ${JSON.stringify(value)}: ${why}`)
      if (property.requires !== undefined && !given.some(([other]) => other === property.requires)) {
        reasons.push(`${name}: requires ${property.requires}`)
      }
    }
  }
  for (const [name, { optional }] of Object.entries(properties)) {
    if (optional !== 1 && !given.some(([other]) => other === name)) reasons.push(`${name}: lacking`)
  }
  return reasons
}
