/** Code points, both ends included. */
export type Range = readonly [low: number, high: number]

/** A parsed expression. */
export type Node =
  | { readonly kind: 'set'; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly kind: 'all'; readonly items: readonly Node[] }
  | { readonly kind: 'any'; readonly items: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly least: number; readonly most: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'inside' }

export const digits: readonly Range[] = [[0x30, 0x39]]
export const wordCharacters: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** Blank, tab, line feed, form feed, carriage return. */
export const blanks: readonly Range[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
]

/** All code points that are not in the ranges, which may overlap. */
export function complement(ranges: readonly Range[]): Range[] {
  const rest: Range[] = []
  let next = 0
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) rest.push([next, low - 1])
    next = Math.max(next, high + 1)
  }
  if (next <= 0x10ffff) rest.push([next, 0x10ffff])
  return rest
}

/** The ranges with the other case of the letters a to z and A to Z. */
export function bothCases(ranges: readonly Range[]): Range[] {
  const more: Range[] = [...ranges]
  for (const [low, high] of ranges) {
    const lower: Range = [Math.max(low, 0x61), Math.min(high, 0x7a)]
    if (lower[0] <= lower[1]) more.push([lower[0] - 0x20, lower[1] - 0x20])
    const upper: Range = [Math.max(low, 0x41), Math.min(high, 0x5a)]
    if (upper[0] <= upper[1]) more.push([upper[0] + 0x20, upper[1] + 0x20])
  }
  return more
}
