/** Which sudo a machine has. */
export type Sudo =
  | { readonly kind: 'classic'; readonly version: string }
  | { readonly kind: 'sudo-rs'; readonly version: string }
  | { readonly kind: 'unknown' }

/** The first sudo with regular expressions in arguments. Source: sudo's release notes. */
export const oldestSudo = '1.9.10'

/** Reads the output of `sudo --version`. */
export function parseSudoVersion(text: string): Sudo {
  const other = /^sudo-rs (\S+)/m.exec(text)?.[1]
  if (other) return { kind: 'sudo-rs', version: other }
  const version = /^Sudo version (\d+(?:\.\d+)*(?:(?:p|b|rc)\d+)?)/m.exec(text)?.[1]
  return version ? { kind: 'classic', version } : { kind: 'unknown' }
}

/** Orders upstream versions: negative when `a` is older. `1.9.17b1` < `1.9.17rc1` < `1.9.17` < `1.9.17p1`. */
export function compareSudoVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const stages: Readonly<Record<string, number>> = { b: -2, rc: -1, p: 1 }

function partsOf(version: string): number[] {
  const [, numbers = '0', stage = '', patch = '0'] = /^([\d.]+)(?:(b|rc|p)(\d+))?/.exec(version) ?? []
  const [major = 0, minor = 0, micro = 0] = numbers.split('.').map(Number)
  return [major, minor, micro, stages[stage] ?? 0, Number(patch)]
}
