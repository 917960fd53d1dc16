/** Runs of digits as numbers, everything else as text; a leading `v` and what follows a `+` do not count. */
const partsOf = (version: string): (number | string)[] =>
  (
    version
      .replace(/^v(?=[0-9])/i, '')
      .replace(/\+.*$/, '')
      .match(/[0-9]+|[^0-9.]+/g) ?? []
  ).map(part => (/^[0-9]+$/.test(part) ? Number(part) : part))

/**
 * Order of two versions: positive when the first is newer. Numbers count as numbers, so that 10.0 is newer than 9.0; a
 * text that follows a number marks what came before it, so that 1.0-rc1 is older than 1.0.
 */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const order = comparePart(first[index], second[index])
    if (order !== 0) return order
  }
  return 0
}

function comparePart(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0
  // 1.0 and 1.0.0 are the same.
  if (a === undefined) return b === 0 ? 0 : typeof b === 'number' ? -1 : 1
  if (b === undefined) return a === 0 ? 0 : typeof a === 'number' ? 1 : -1
  if (typeof a !== typeof b) return typeof a === 'number' ? 1 : -1
  return a < b ? -1 : 1
}
