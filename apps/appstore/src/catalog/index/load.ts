import { readdirSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { escapeValue } from '@broker/privexec/escape'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { type Consent, consentOf } from '../consent/consent.ts'
import type { ReservedKind } from '../consent/reserved.ts'
import { folderAt } from '../manifest/files.ts'
import type { CatalogProblem } from '../manifest/problem.ts'
import { readApp } from '../manifest/read-app.ts'
import { readStack } from '../manifest/read-stack.ts'
import type { AppEntry, LoadedSource, StackEntry } from './entry.ts'

/** What is read, and as what. */
export interface Loading {
  readonly name: string
  readonly commit: string
  /** Absolute; holds `apps` and `stacks`, or a folder `catalog` that does. */
  readonly directory: string
  readonly trusted: boolean
  readonly granted: ReadonlySet<ReservedKind>
  readonly since?: Readonly<Record<string, { readonly version: string; readonly at: number }>>
  /** Problems that were found before, such as files that were left out. */
  readonly problems?: readonly CatalogProblem[]
  readonly signal?: AbortSignal | undefined
}

/** More would make the index and its answers larger than a page can show; a real catalog has hundreds. */
const mostApps = 10_000

/** Largest files that are shown of an app, in bytes. */
export const largestIcon = 524_288
export const largestReadme = 262_144

/** Apps that are read before others have their turn. */
const turn = 20

/** Reads all apps and stacks of a catalog. What is broken is told in the problems and left out. */
export async function loadSource(loading: Loading): Promise<LoadedSource> {
  const { name, commit } = loading
  const base = (await isFolder(join(loading.directory, 'catalog'))) ? 'catalog' : ''
  const problems = [...(loading.problems ?? [])]
  const apps: AppEntry[] = []
  for (const [index, id] of folders(loading.directory, join(base, 'apps'), problems).entries()) {
    if (index % turn === turn - 1) await setImmediate()
    throwIfCancelled(loading.signal)
    const path = join(base, 'apps', id)
    const folder = folderAt(join(loading.directory, path), path)
    const { value: manifest, problems: found } = readApp(folder, id)
    problems.push(...found)
    if (manifest === undefined) continue
    let consent: Consent | undefined
    const since = loading.since && Object.hasOwn(loading.since, id) ? loading.since[id] : undefined
    apps.push({
      ...{ id, source: name, commit, directory: folder.path, manifest, problems: found },
      // Only what is looked at is worked out.
      get consent() {
        consent ??= consentOf([manifest], loading.granted)
        return consent
      },
      hasIcon: folder.has('icon.png', largestIcon),
      hasReadme: folder.has('README.md', largestReadme),
      official: loading.trusted && manifest.official,
      featured: loading.trusted && manifest.featured,
      since: since?.version === manifest.version ? since.at : 0,
    })
  }
  const stacks: StackEntry[] = []
  for (const id of folders(loading.directory, join(base, 'stacks'), problems)) {
    const path = join(base, 'stacks', id)
    const { value: stack, problems: found } = readStack(folderAt(join(loading.directory, path), path), id)
    problems.push(...found)
    if (stack) stacks.push({ id, source: name, stack })
  }
  return { name, commit, apps, stacks, problems }
}

const isFolder = async (path: string): Promise<boolean> =>
  await lstat(path).then(
    status => status.isDirectory(),
    () => false,
  )

/** Names of the folders in a folder, sorted; links and other names are told and left out. */
function folders(base: string, path: string, problems: CatalogProblem[]): string[] {
  const names: string[] = []
  const tell = (name: string, message: string) => {
    const file = `${path}/${/^[A-Za-z0-9._-]+$/.test(name) ? name : escapeValue(name)}`
    problems.push({ severity: 'warning', field: '', file, line: 1, column: 1, message })
  }
  for (const entry of readFolder(join(base, path))) {
    if (entry.name.startsWith('.') || entry.isFile()) continue
    const proper = entry.isDirectory() && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(entry.name) && entry.name.length <= 63
    if (!proper) tell(entry.name, 'is not a folder named like an app, and is left out')
    else if (names.length >= mostApps) tell(entry.name, `is left out: at most ${mostApps} are read`)
    else names.push(entry.name)
  }
  return names.sort()
}

function readFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}
