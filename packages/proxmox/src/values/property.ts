import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'

/** How one key of a property string is read and written. */
export interface Property<T> {
  /** Returns undefined for what is not of its kind: a foreign configuration is read as far as it is understood. */
  read(text: string): T | undefined
  /** Throws `PROXMOX_INPUT_INVALID`. */
  print(value: T, field: string): string
}

/** Text that matches `pattern` whole; commas and control characters never. */
export function text<T extends string = string>(pattern: RegExp, allowed: string): Property<T> {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags)
  const fits = (value: unknown): value is T =>
    typeof value === 'string' && whole.test(value) && !/[,\p{Cc}]/u.test(value) && value.length <= 1024
  return {
    read: value => (fits(value) ? value : undefined),
    print: (value, field) => {
      if (!fits(value)) throw invalid(field, `${escapeValue(value)} is not ${allowed}`)
      return value
    },
  }
}

/** Number from `least` to `most`; whole unless `fraction`. */
export function number(least: number, most: number, fraction = false): Property<number> {
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && value >= least && value <= most && (fraction || Number.isInteger(value))
  return {
    read: value => {
      const read = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN
      return fits(read) ? read : undefined
    },
    print: (value, field) => {
      if (!fits(value)) throw invalid(field, `${escapeValue(value)} is not a number from ${least} to ${most}`)
      return decimal(value)
    },
  }
}

/** `1` or `0`. */
export const flag: Property<boolean> = {
  read: value => (/^(?:1|on|yes|true)$/i.test(value) ? true : /^(?:0|off|no|false)$/i.test(value) ? false : undefined),
  print: (value, field) => {
    if (typeof value !== 'boolean') throw invalid(field, `${escapeValue(value)} is not true or false`)
    return value ? '1' : '0'
  },
}

/** Digits without an exponent, at most six behind the point. */
export const decimal = (value: number): string =>
  Number.isInteger(value) ? value.toFixed(0) : value.toFixed(6).replace(/\.?0+$/, '')

// biome-ignore lint/suspicious/noExplicitAny: each key has its own type
type Properties = Readonly<Record<string, Property<any>>>
type ValueOf<P> = P extends Property<infer T> ? T : never

/** An object of the keys of a property string; `others` are keys and values that this library does not know. */
export type PropertyObject<P extends Properties, Required extends keyof P> = {
  readonly [K in Required]: ValueOf<P[K]>
} & { readonly [K in Exclude<keyof P, Required>]?: ValueOf<P[K]> | undefined } & {
  readonly others?: Readonly<Record<string, string>> | undefined
}

/** Reads and writes values such as `name=eth0,bridge=vmbr0`. */
export interface PropertyString<T> {
  readonly keys: readonly string[]
  /** Undefined when a required key lacks or is not of its kind. What is not understood is kept in `others`. */
  parse(text: string): T | undefined
  /** Throws `PROXMOX_INPUT_INVALID` with the field `field.key`. */
  print(value: T, field: string): string
}

/** `short` is the key that may stand without its name, first. */
export function propertyString<P extends Properties, R extends keyof P & string>(
  properties: P,
  required: readonly R[],
  short?: keyof P & string,
): PropertyString<PropertyObject<P, R>> {
  const keys = Object.keys(properties)
  return {
    keys,
    parse: source => {
      const known: [string, unknown][] = []
      const others: [string, string][] = []
      for (const [index, part] of source.split(',').entries()) {
        if (part.trim() === '') continue
        const at = part.indexOf('=')
        const isShort = at < 0 && index === 0 && short !== undefined
        const key = isShort ? short : at < 0 ? part : part.slice(0, at)
        const rest = isShort ? part : at < 0 ? '' : part.slice(at + 1)
        const read = Object.hasOwn(properties, key) ? properties[key]?.read(rest) : undefined
        if (read === undefined) others.push([key, rest])
        else known.push([key, read])
      }
      if (!required.every(key => known.some(([name]) => name === key))) return undefined
      const unknown = others.length > 0 && { others: Object.fromEntries(others) }
      return { ...Object.fromEntries(known), ...unknown } as PropertyObject<P, R>
    },
    print: (object, field) => {
      const parts: string[] = []
      const given = object as Readonly<Record<string, unknown>>
      for (const key of Object.keys(given)) {
        if (key !== 'others' && !keys.includes(key)) throw invalid(`${field}.${key}`, 'there is no such key')
      }
      for (const key of keys) {
        const value = given[key]
        if (value === undefined) {
          if (required.includes(key as R)) throw invalid(`${field}.${key}`, 'is required')
          continue
        }
        const printed = (properties[key] as Property<unknown>).print(value, `${field}.${key}`)
        if (key === short) parts.unshift(printed)
        else parts.push(`${key}=${printed}`)
      }
      for (const [key, value] of Object.entries(object.others ?? {})) {
        if (keys.includes(key) || !/^[A-Za-z][A-Za-z0-9_-]*$/.test(key))
          throw invalid(`${field}.${key}`, 'is no other key')
        if (/[,\p{Cc}]/u.test(value)) throw invalid(`${field}.${key}`, `${escapeValue(value)} has a comma`)
        parts.push(`${key}=${value}`)
      }
      return parts.join(',')
    },
  }
}
