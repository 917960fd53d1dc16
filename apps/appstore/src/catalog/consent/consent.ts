import { createHash } from 'node:crypto'
import type { Manifest } from '../manifest/manifest.ts'
import { type Ask, asksOf } from './asks.ts'
import { type ReservedKind, refusals } from './reserved.ts'

/** What an app asks for, as a user agrees to it. */
export interface Consent {
  /** SHA-256 in hex of what is asked for; the words around it do not count, nor the order. */
  readonly hash: string
  readonly items: readonly Ask[]
  /** Why the app cannot be installed at all, with these granted commands; empty when it can. */
  readonly refused: readonly string[]
}

/** What the apps of one guest ask for together; of one app when there is one. */
export function consentOf(manifests: readonly Manifest[], granted: ReadonlySet<ReservedKind> = new Set()): Consent {
  const items = manifests.length === 1 && manifests[0] ? asksOf(manifests[0]) : merged(manifests)
  const refused = [...new Set(manifests.flatMap(manifest => refusals(manifest, granted)))]
  return { hash: hashOf(items), items, refused }
}

/** Asks of several apps: those of one kind in the same words become one. */
function merged(manifests: readonly Manifest[]): Ask[] {
  const groups = Map.groupBy(manifests.flatMap(asksOf), ({ kind, severity, text }) => `${severity} ${kind} ${text}`)
  const asks = [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return []
    const values = [first, ...rest].flatMap(ask => ask.values)
    return [{ ...first, values: [...new Set(values)].sort() }]
  })
  const order = ['danger', 'notice', 'info']
  return asks.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

function hashOf(items: readonly Ask[]): string {
  const facts = items.flatMap(({ kind, severity, values }) =>
    values.map(value => JSON.stringify([kind, severity, value])),
  )
  return createHash('sha256')
    .update([...new Set(facts)].sort().join('\n'))
    .digest('hex')
}

/** What an app asks for that another version of it did not, and the other way round: `kind: value`. */
export function consentDifference(
  before: Manifest,
  after: Manifest,
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const facts = (manifest: Manifest): Set<string> =>
    new Set(asksOf(manifest).flatMap(({ kind, values }) => values.map(value => `${kind}: ${value}`)))
  const [old, now] = [facts(before), facts(after)]
  return { added: [...now].filter(fact => !old.has(fact)), removed: [...old].filter(fact => !now.has(fact)) }
}
