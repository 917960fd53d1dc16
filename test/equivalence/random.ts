/** A whole number from 0 to below `n`. */
export type Random = (n: number) => number

/** A generator that gives the same numbers for the same seed (xorshift32), so that a disagreement can be repeated. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 1
  return n => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % n
  }
}

/** One of the items; there must be one. */
export const pick = <T>(random: Random, items: readonly T[]): T => items[random(items.length)] as T
