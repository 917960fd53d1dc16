import { isCpus } from '../names/cpus.ts'
import { readInstant } from '../names/instant.ts'

/** Reads one value of facts; undefined when it is not of its kind. */
export type Reader<T> = (text: string) => T | undefined

/** Facts whose values are being read: which keys were asked for, and whether all were as they must be. */
export class FactReader {
  readonly #facts: ReadonlyMap<string, string>
  #asked = 0
  #isValid = true

  constructor(facts: ReadonlyMap<string, string>) {
    this.#facts = facts
  }

  /** A value that may lack. */
  optional<T>(key: string, reader: Reader<T>): T | undefined {
    const text = this.#facts.get(key)
    if (text === undefined) return undefined
    this.#asked += 1
    const value = reader(text)
    if (value === undefined) this.#isValid = false
    return value
  }

  /** A value that must be there; a wrong one is given back as undefined, and makes the facts none of ours. */
  required<T>(key: string, reader: Reader<T>): T {
    if (!this.#facts.has(key)) this.#isValid = false
    return this.optional(key, reader) as T
  }

  /** The facts that were read; undefined when one lacks, is wrong, or was not asked for. */
  end<T>(facts: T): T | undefined {
    return this.#isValid && this.#asked === this.#facts.size ? facts : undefined
  }
}

/** One of a few words. */
export const oneOf =
  <T extends string>(...words: readonly T[]): Reader<T> =>
  text =>
    words.find(word => word === text)

/** A whole number without sign or leading zero, from `least` to `most`. */
export const whole =
  (least: number, most: number): Reader<number> =>
  text => {
    const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  }

/** Milliseconds since 1970, kept as ISO 8601. */
export const moment: Reader<number> = readInstant

/** A number of processors. */
export const processors: Reader<number> = text => {
  const value = Number(text)
  return String(value) === text && isCpus(value) ? value : undefined
}

/** Facts without those that are undefined, as the types of the model want them. */
export function known<T extends object>(facts: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as T
}
