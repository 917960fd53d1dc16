import { escapeValue } from '@broker/privexec/escape'
import type { AppDetail, CatalogDoor, CatalogQuery, SourceStatus, StackSummary } from '../contract.ts'
import { AppstoreError, isAppstoreError } from '../errors/error.ts'
import { type Consent, consentOf } from './consent/consent.ts'
import type { ReservedKind } from './consent/reserved.ts'
import { CatalogIndex } from './index/catalog-index.ts'
import { type Difference, differenceOf } from './index/difference.ts'
import type { AppEntry, LoadedSource, StackEntry } from './index/entry.ts'
import { largestIcon, largestReadme, loadSource } from './index/load.ts'
import { folderAt, textOf } from './manifest/files.ts'
import { GitSource } from './sources/git-source.ts'
import { isGitSource, type SourceConfig } from './sources/source-config.ts'
import { detailOf, stackSummaryOf, summaryOf } from './views.ts'

export interface CatalogOptions {
  /** Folder of the catalog's own: repositories, trees and pins. Absolute. */
  readonly directory: string
  /** In the order of their priority. */
  readonly sources: readonly SourceConfig[]
  /** What Proxmox reserves, and a command of the policy does. */
  readonly granted?: ReadonlySet<ReservedKind>
  /** How many installs have each app; the same map until that changes. */
  readonly installed?: () => ReadonlyMap<string, number>
}

/** A source as it is in use. */
interface Live {
  readonly config: SourceConfig
  /** Of a source in a repository, once it could be opened. */
  git?: GitSource
  loaded?: LoadedSource
  offered?: { readonly commit: string; readonly loaded: LoadedSource; readonly difference: Difference }
  checkedAt?: number
  error?: string
}

type Found = ReturnType<CatalogDoor['list']>

/** Answers that are remembered: the same few are asked for again and again. */
const mostLists = 200

const nothing: ReadonlyMap<string, number> = new Map()

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The catalog of apps: what its sources have at the commits that were accepted. */
export class Catalog implements CatalogDoor {
  readonly #options: CatalogOptions
  readonly #live: readonly Live[]
  #index = new CatalogIndex([])
  readonly #lists = new Map<string, Found>()
  /** What the lists were made of. */
  #listed: { readonly index: CatalogIndex; readonly installed: ReadonlyMap<string, number> } | undefined
  /** Sources are changed one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: CatalogOptions, live: readonly Live[]) {
    this.#options = options
    this.#live = live
  }

  /** Opens what was accepted before, without the network. A source that cannot be opened is told by its status. */
  static async open(options: CatalogOptions): Promise<Catalog> {
    const names = options.sources.map(({ name }) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) {
      throw new AppstoreError('APPSTORE_CONFIG_INVALID', `the source ${escapeValue(twice)} is there twice`)
    }
    const live = options.sources.map((config): Live => ({ config }))
    const catalog = new Catalog(options, live)
    for (const source of live) await catalog.#attempt(source, () => catalog.#reload(source))
    catalog.#rebuild()
    return catalog
  }

  get index(): CatalogIndex {
    return this.#index
  }

  list(query: CatalogQuery): Found {
    const { text, category, sort, offset = 0, limit = 50 } = query
    const installed = this.#installed()
    if (this.#listed?.index !== this.#index || this.#listed.installed !== installed) {
      this.#lists.clear()
      this.#listed = { index: this.#index, installed }
    }
    const key = JSON.stringify([text, category, sort, offset, limit])
    const known = this.#lists.get(key)
    if (known) return known
    const entries = this.#index.find(query)
    const apps = entries.slice(offset, offset + limit).map(entry => summaryOf(entry, installed.get(entry.id) ?? 0))
    const found = { apps, total: entries.length }
    if (this.#lists.size >= mostLists) this.#lists.delete(this.#lists.keys().next().value ?? '')
    this.#lists.set(key, found)
    return found
  }

  categories(): CatalogIndex['categories'] {
    return this.#index.categories
  }

  get(app: string, source?: string): AppDetail {
    const entry = this.entry(app, source)
    const bytes = entry.hasReadme ? folderAt(entry.directory, entry.id).read('README.md', largestReadme) : undefined
    return detailOf(entry, this.#installed().get(app) ?? 0, bytes && textOf(bytes))
  }

  /** What several apps ask for together. @throws {AppstoreError} `APPSTORE_NOT_FOUND` */
  consent(apps: readonly { readonly app: string; readonly source?: string | undefined }[]): Consent {
    const manifests = apps.map(({ app, source }) => this.entry(app, source).manifest)
    return consentOf(manifests, this.#options.granted)
  }

  /** The app with its manifest and folder. @throws {AppstoreError} `APPSTORE_NOT_FOUND` */
  entry(app: string, source?: string): AppEntry {
    const entry = this.#index.get(app, source)
    if (entry) return entry
    const where = source === undefined ? '' : ` in the source ${escapeValue(source)}`
    const broken = this.#index.sources.some(({ problems }) =>
      problems.some(({ severity, file }) => severity === 'error' && file.endsWith(`apps/${app}/app.yml`)),
    )
    const why = broken ? ': its manifest is not valid' : ''
    throw new AppstoreError('APPSTORE_NOT_FOUND', `There is no app ${escapeValue(app)}${where}${why}`, { field: 'app' })
  }

  /** A stack of the catalog. @throws {AppstoreError} `APPSTORE_NOT_FOUND` */
  stack(id: string): StackEntry {
    const entry = this.#index.stacks.find(stack => stack.id === id)
    if (entry) return entry
    throw new AppstoreError('APPSTORE_NOT_FOUND', `There is no stack ${escapeValue(id)}`)
  }

  stacks(): readonly StackSummary[] {
    return this.#index.stacks.map(stackSummaryOf)
  }

  /** Only PNG is served: nothing that a browser could run. */
  async icon(app: string, source?: string): Promise<{ readonly bytes: Uint8Array; readonly type: string } | undefined> {
    const entry = this.entry(app, source)
    const bytes = entry.hasIcon ? folderAt(entry.directory, entry.id).read('icon.png', largestIcon) : undefined
    return bytes?.subarray(0, 8).equals(signature) ? { bytes, type: 'image/png' } : undefined
  }

  sources(): readonly SourceStatus[] {
    return this.#live.map((live, priority) => statusOf(live, priority))
  }

  /** Fetches what is new of one source or all, and offers it. A source that fails keeps what it has, and says why. */
  async check(source?: string, signal?: AbortSignal): Promise<readonly SourceStatus[]> {
    const wanted = source === undefined ? this.#live : [this.#source(source)]
    return await this.#inTurn(async () => {
      for (const live of wanted) {
        await this.#attempt(live, async () => {
          const git = await this.#open(live)
          await git?.check(signal)
          live.checkedAt = Date.now()
          await this.#reload(live, signal)
        })
      }
      this.#rebuild()
      return wanted.map(live => statusOf(live, this.#live.indexOf(live)))
    })
  }

  /** Uses the commit that is offered. @throws {AppstoreError} `APPSTORE_CHANGED` when that is another one by now. */
  async accept(source: string, commit: string): Promise<SourceStatus> {
    const live = this.#source(source)
    return await this.#inTurn(async () => {
      const { git, offered } = live
      if (!git) throw new AppstoreError('APPSTORE_INPUT_INVALID', 'A source that is a folder is used as it is')
      const versions = offered?.loaded.apps.map(({ id, manifest }) => [id, manifest.version] as const) ?? []
      await git.accept(commit, new Map(versions))
      await this.#reload(live)
      this.#rebuild()
      return statusOf(live, this.#live.indexOf(live))
    })
  }

  /** What changes of an app with the commit that is offered, as git shows it. */
  async patch(source: string, app: string): Promise<string> {
    const { git, offered, loaded } = this.#source(source)
    if (!git || !offered || !loaded) throw new AppstoreError('APPSTORE_NOT_FOUND', 'Nothing is offered')
    return await git.patch(app, loaded.commit, offered.commit)
  }

  #source(name: string): Live {
    const live = this.#live.find(({ config }) => config.name === name)
    if (live) return live
    throw new AppstoreError('APPSTORE_NOT_FOUND', `There is no source ${escapeValue(name)}`, { field: 'source' })
  }

  #installed(): ReadonlyMap<string, number> {
    return this.#options.installed?.() ?? nothing
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return await result
  }

  async #attempt(live: Live, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      delete live.error
    } catch (error) {
      if (!isAppstoreError(error) || error.isCancelled) throw error
      live.error = error.message
    }
  }

  /** The repository of a source, opened when it is not yet; undefined for a folder. */
  async #open(live: Live): Promise<GitSource | undefined> {
    if (live.git || !isGitSource(live.config)) return live.git
    live.git = await GitSource.open(live.config, this.#options.directory)
    return live.git
  }

  /** Reads what a source has in use and what it offers. */
  async #reload(live: Live, signal?: AbortSignal): Promise<void> {
    const { config } = live
    const git = await this.#open(live)
    if (!isGitSource(config)) {
      live.loaded = await this.#load(live, { directory: config.directory, commit: '' }, signal)
      return
    }
    if (!git) return
    const { pinned, offered, checkedAt } = git.state
    if (checkedAt !== undefined) live.checkedAt = checkedAt
    if (pinned && live.loaded?.commit !== pinned.commit) {
      live.loaded = await this.#load(live, await git.tree(pinned.commit, signal), signal)
    }
    if (!offered) delete live.offered
    else if (live.offered?.commit !== offered.commit) {
      const loaded = await this.#load(live, await git.tree(offered.commit, signal), signal)
      const after = await git.digests(offered.commit, signal)
      const before = pinned ? await git.digests(pinned.commit, signal) : new Map()
      live.offered = { ...offered, loaded, difference: differenceOf(live.loaded, loaded, { before, after }) }
    }
  }

  async #load(
    live: Live,
    tree: { readonly directory: string; readonly commit: string; readonly problems?: LoadedSource['problems'] },
    signal: AbortSignal | undefined,
  ): Promise<LoadedSource> {
    const { name, trusted = false } = live.config
    const since = live.git?.state.since
    return await loadSource({
      ...{ name, trusted, ...tree, signal, granted: this.#options.granted ?? new Set() },
      ...(since === undefined ? {} : { since }),
    })
  }

  #rebuild(): void {
    this.#index = new CatalogIndex(this.#live.flatMap(({ loaded }) => loaded ?? []))
  }
}

/** A source and what it offers, as it is shown. `problems` are those of what is in use, else of what is offered. */
function statusOf(live: Live, priority: number): SourceStatus {
  const { config, loaded, offered, checkedAt, error } = live
  return {
    name: config.name,
    url: isGitSource(config) ? config.url : `file://${config.directory}`,
    priority,
    ...(loaded && loaded.commit !== '' ? { commit: loaded.commit } : {}),
    ...(checkedAt === undefined ? {} : { checkedAt }),
    apps: loaded?.apps.length ?? 0,
    problems: (loaded ?? offered?.loaded)?.problems ?? [],
    ...(offered ? { offered: { commit: offered.commit, ...offered.difference } } : {}),
    ...(error === undefined ? {} : { error }),
  }
}
