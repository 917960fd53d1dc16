import { consentDifference } from '../consent/consent.ts'
import type { LoadedSource } from './entry.ts'

/** An app that another commit has too, and not the same. */
export interface ChangedApp {
  readonly app: string
  /** Versions. */
  readonly from: string
  readonly to: string
  readonly consentChanged: boolean
  /** What it asks for more and less, as `kind: value`. */
  readonly asksMore: readonly string[]
  readonly asksLess: readonly string[]
  /** Paths below the folder of the app that were added, removed or changed. */
  readonly files: readonly string[]
}

/** What would change with another commit of a source. Apps with an error count as not there. */
export interface Difference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly ChangedApp[]
}

/** Digests of files, by path below the folder of each app. */
export type Digests = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Compares two commits of a source. */
export function differenceOf(
  before: LoadedSource | undefined,
  after: LoadedSource,
  files: { readonly before: Digests; readonly after: Digests },
): Difference {
  const old = new Map((before?.apps ?? []).map(entry => [entry.id, entry]))
  const now = new Map(after.apps.map(entry => [entry.id, entry]))
  const changed: ChangedApp[] = []
  for (const [app, entry] of now) {
    const was = old.get(app)
    if (was === undefined) continue
    const paths = changedPaths(files.before.get(app), files.after.get(app))
    const consentChanged = was.consent.hash !== entry.consent.hash
    if (paths.length === 0 && !consentChanged) continue
    const { added: asksMore, removed: asksLess } = consentDifference(was.manifest, entry.manifest)
    const versions = { from: was.manifest.version, to: entry.manifest.version }
    changed.push({ app, ...versions, consentChanged, asksMore, asksLess, files: paths })
  }
  return {
    added: [...now.keys()].filter(app => !old.has(app)),
    removed: [...old.keys()].filter(app => !now.has(app)),
    changed,
  }
}

function changedPaths(
  before: ReadonlyMap<string, string> = new Map(),
  after: ReadonlyMap<string, string> = new Map(),
): string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter(path => before.get(path) !== after.get(path)).sort()
}
