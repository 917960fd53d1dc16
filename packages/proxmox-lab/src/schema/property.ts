import type { Format } from './formats.ts'

/** One parameter, in the words of the schema that Proxmox publishes. */
export interface Property {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array'
  readonly optional?: true
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  /** Not anchored unless it says so, as Proxmox does it: it is anchored by {@link check}. */
  readonly pattern?: string
  readonly enum?: readonly string[]
  /** A named format, or the keys of a property string such as `name=eth0,bridge=vmbr0`. */
  readonly format?: Format | Keys
  /** Another parameter that must be given along with this one. */
  readonly requires?: string
  /** Key of a property string whose name may be left out. */
  readonly isDefaultKey?: true
}

/** Keys of a property string. */
export type Keys = Readonly<Record<string, Property>>

/** Parameters of a method by name; `net[n]` stands for net0, net1 and so on. */
export type Parameters = Readonly<Record<string, Property>>

/** How many parameters a name with `[n]` stands for. */
export const counts: Readonly<Record<string, number>> = {
  'net[n]': 32,
  'mp[n]': 256,
  'dev[n]': 256,
  'unused[n]': 256,
}

/** The property of a parameter, counted ones included; undefined for a name that the method does not know. */
export function propertyOf(parameters: Parameters, name: string): Property | undefined {
  if (Object.hasOwn(parameters, name)) return parameters[name]
  const [, stem = '', number = ''] = /^([a-z]+)(0|[1-9][0-9]{0,2})$/.exec(name) ?? []
  const counted = `${stem}[n]`
  return Number(number) < (counts[counted] ?? 0) ? parameters[counted] : undefined
}

export const string = (more: Omit<Property, 'type'> = {}): Property => ({ type: 'string', ...more })
export const integer = (more: Omit<Property, 'type'> = {}): Property => ({ type: 'integer', ...more })
export const number = (more: Omit<Property, 'type'> = {}): Property => ({ type: 'number', ...more })
export const boolean = (more: Omit<Property, 'type'> = {}): Property => ({ type: 'boolean', ...more })
/** The same property, which may be left out. */
export const optional = (property: Property): Property => ({ ...property, optional: true })

export const node: Property = string({ format: 'pve-node' })
export const vmid: Property = integer({ format: 'pve-vmid', minimum: 100, maximum: 999_999_999 })
export const storageId: Property = string({ format: 'pve-storage-id' })
export const digest: Property = string({ maxLength: 40, optional: true })
/** Parameters of the path that every method of a guest has. */
export const guestPath: Parameters = { node, vmid }
