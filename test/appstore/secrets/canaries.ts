import { randomBytes } from 'node:crypto'

/** A secret that a test gives, and the part of it that is looked for: letters and digits, so that JSON and URLs spell it as it is. */
export interface Canary {
  readonly name: string
  readonly value: string
  readonly core: string
}

/** A new canary. The characters around its core are spelled otherwise in JSON, in URLs and by shells. */
export function canary(name: string): Canary {
  const core = `Zz${randomBytes(14).toString('hex')}`
  return { name, value: `"ö & %\\${core}+/ '$`, core }
}

/** A secret that somebody else made, as a canary. One so short that it is found by chance throws. */
export function found(name: string, core: string): Canary {
  if (core.length < 16) throw new RangeError(`no canary: ${name} is too short`)
  return { name, value: core, core }
}

/** Ways in which a text may hold something: as it is, in hexadecimal digits, and in base 64 at any place. */
function* spellings(core: string): Iterable<string> {
  const bytes = Buffer.from(core)
  yield core
  yield bytes.toString('hex')
  yield bytes.toString('hex').toUpperCase()
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url')
    const whole = Math.floor((shift + bytes.length) / 3) * 4
    yield text.slice(shift === 0 ? 0 : 4, whole)
    yield text
      .slice(shift === 0 ? 0 : 4, whole)
      .replaceAll('-', '+')
      .replaceAll('_', '/')
  }
}

/** Looks for canaries, and tells the names of those that are there. */
export class Finder {
  readonly #needles: readonly (readonly [name: string, needle: Buffer])[]

  constructor(canaries: readonly Pick<Canary, 'name' | 'core'>[]) {
    this.#needles = canaries.flatMap(({ name, core }) =>
      [...new Set(spellings(core))].map(text => [name, Buffer.from(text)] as const),
    )
  }

  in(bytes: Uint8Array | string): string[] {
    const buffer = Buffer.from(bytes as string)
    return [...new Set(this.#needles.flatMap(([name, needle]) => (buffer.includes(needle) ? [name] : [])))]
  }
}
