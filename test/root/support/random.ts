/** Numbers that look random and are the same for the same seed (mulberry32 of Tommy Ettinger, in the public domain). */
export interface Random {
  /** 0 or more, below `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

/** Begins a row of numbers. `seed`: a whole number. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return { below: limit => Math.floor(next() * limit), pick: from => from[Math.floor(next() * from.length)] as never }
}

/** A number from the environment, for repeating a run or making it longer. */
export function numberOf(variable: string, usual: number): number {
  const value = Number(process.env[variable] ?? usual)
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${variable} must be a whole number`)
  return value
}
