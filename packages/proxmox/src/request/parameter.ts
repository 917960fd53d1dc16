import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'
import { decimal, type PropertyString } from '../values/property.ts'
import { printSize } from '../values/size.ts'
import { printTags } from '../values/tags.ts'

/** A parameter of a request: what callers give, and how it is spelled for Proxmox. */
export interface Parameter<T, Optional extends boolean = false> {
  readonly kind: string
  readonly isOptional: Optional
  /** Another parameter that must be given beside this one. */
  readonly needs?: string
  /** Most members of a family such as `net[n]`. */
  readonly count?: number
  /** Throws `PROXMOX_INPUT_INVALID` with the field. A list is sent as one pair for each member. */
  print(value: T, field: string): string | string[]
  /** Marks the type; never there. */
  readonly type?: T
}

const make = <T>(kind: string, print: Parameter<T>['print']): Parameter<T> => ({ kind, isOptional: false, print })

export const optional = <T>(parameter: Parameter<T>): Parameter<T, true> => ({ ...parameter, isOptional: true })

/** An optional parameter that makes sense beside another one only. */
export const beside = <T>(other: string, parameter: Parameter<T>): Parameter<T, true> => ({
  ...optional(parameter),
  needs: other,
})

/** `name[n]`: parameters `name0`, `name1`, … up to `count`. */
export const family = <T>(parameter: Parameter<T>, count: number): Parameter<T, true> => ({
  ...parameter,
  isOptional: true,
  count,
})

/** Text of a kind. */
export const kind = <T extends string>(name: string, check: (value: string, field: string) => T): Parameter<string> =>
  make(name, (value, field) => check(value, field))

/** Free text, at most `longest` characters; line feeds only with `lines`. */
export const words = (longest: number, { lines = false, least = 0 } = {}): Parameter<string> =>
  make(`text:${least}:${longest}:${lines}`, (value, field) => {
    const refused = lines ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u
    if (typeof value !== 'string' || value.length < least || value.length > longest || refused.test(value)) {
      throw invalid(
        field,
        `${escapeValue(value)} is not a text of ${least} to ${longest} characters without control characters`,
      )
    }
    return value
  })

/** Text that is never shown, not even when it is refused. */
export const hidden = (least: number, longest: number): Parameter<string> =>
  make(`hidden:${least}:${longest}`, (value, field) => {
    if (typeof value !== 'string' || value.length < least || value.length > longest) {
      throw invalid(field, `is not a text of ${least} to ${longest} characters`)
    }
    return value
  })

export const bool: Parameter<boolean> = make('bool', (value, field) => {
  if (typeof value !== 'boolean') throw invalid(field, `${escapeValue(value)} is not true or false`)
  return value ? '1' : '0'
})

/** Whole number from `least` to `most`. */
export const int = (least: number, most: number = Number.MAX_SAFE_INTEGER): Parameter<number> =>
  make(`int:${least}:${most}`, (value, field) => {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw invalid(field, `${escapeValue(value)} is not a whole number from ${least} to ${most}`)
    }
    return value.toFixed(0)
  })

/** Number from `least` to `most`, sent with at most six digits behind the point. */
export const real = (least: number, most: number): Parameter<number> =>
  make(`real:${least}:${most}`, (value, field) => {
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw invalid(field, `${escapeValue(value)} is not a number from ${least} to ${most}`)
    }
    return decimal(value)
  })

export const oneOf = <const T extends string>(...values: readonly T[]): Parameter<T> =>
  make(`one of ${values.join(' ')}`, (value, field) => {
    if (!values.includes(value)) throw invalid(field, `${escapeValue(value)} is not one of ${values.join(', ')}`)
    return value
  })

/** An object that Proxmox takes as `key=value,…`. */
export const property = <T extends object>(name: string, codec: PropertyString<T>): Parameter<T> =>
  make(name, (value, field) => {
    if (typeof value !== 'object' || value === null) throw invalid(field, `${escapeValue(value)} is not an object`)
    return codec.print(value, field)
  })

/** A list that Proxmox takes in one text, by comma. */
export const list = <T>(of: Parameter<T>, least = 1): Parameter<readonly T[]> =>
  make(`list ${of.kind}`, (values, field) => {
    if (!Array.isArray(values) || values.length < least) throw invalid(field, 'is not a list that has anything')
    return values.map((value, at) => of.print(value, `${field}[${at}]`)).join(',')
  })

/** A list that is sent as one pair for each member. */
export const repeated = <T>(of: Parameter<T>): Parameter<readonly T[]> =>
  make(`repeated ${of.kind}`, (values, field) => {
    if (!Array.isArray(values)) throw invalid(field, `${escapeValue(values)} is not a list`)
    return values.map((value, at) => String(of.print(value, `${field}[${at}]`)))
  })

export const tagList: Parameter<readonly string[]> = make('tags', (values, field) => printTags(values, field))

/** New size of a disk: a number of bytes, or that much more with `{ more: bytes }`. Disks only grow. */
export const growth: Parameter<number | { readonly more: number }> = make('growth', (value, field) =>
  typeof value === 'number' ? printSize(value, field) : `+${printSize(value.more, `${field}.more`)}`,
)
