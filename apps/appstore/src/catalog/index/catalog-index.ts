import type { AppEntry, LoadedSource, StackEntry } from './entry.ts'
import { type Search, searchOver } from './search.ts'
import { compareVersions } from './version.ts'

export interface ListQuery {
  readonly text?: string
  readonly category?: string
  /** Left out: by relevance when there is a text, else by name. */
  readonly sort?: 'relevance' | 'name' | 'newest'
}

/** Most lists that are remembered. */
const mostLists = 200

/** All apps of all sources, in memory. It never changes; another one takes its place. */
export class CatalogIndex {
  readonly sources: readonly LoadedSource[]
  /** Apps by id, of the first source that has each; sorted by name. */
  readonly apps: readonly AppEntry[]
  readonly stacks: readonly StackEntry[]
  readonly categories: readonly { readonly name: string; readonly count: number }[]
  readonly #byId = new Map<string, AppEntry>()
  readonly #bySource = new Map<string, AppEntry>()
  readonly #shadowed: AppEntry[] = []
  readonly #search: Search
  readonly #lists = new Map<string, readonly AppEntry[]>()

  /** @param sources In the order of their priority: the first that has an app wins. */
  constructor(sources: readonly LoadedSource[]) {
    this.sources = sources
    const stacks = new Map<string, StackEntry>()
    for (const source of sources) {
      for (const entry of source.apps) {
        this.#bySource.set(`${source.name}/${entry.id}`, entry)
        if (this.#byId.has(entry.id)) this.#shadowed.push(entry)
        else this.#byId.set(entry.id, entry)
      }
      for (const entry of source.stacks) if (!stacks.has(entry.id)) stacks.set(entry.id, entry)
    }
    const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
    this.apps = [...this.#byId.values()].sort((a, b) => collator.compare(a.manifest.name, b.manifest.name))
    this.stacks = [...stacks.values()].sort((a, b) => collator.compare(a.stack.name, b.stack.name))
    this.#search = searchOver(this.apps)
    const counts = new Map<string, number>()
    for (const { manifest } of this.apps) {
      for (const name of manifest.categories) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    this.categories = [...counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => collator.compare(a.name, b.name))
  }

  /** Apps that another source of higher priority has too. */
  get shadowed(): readonly AppEntry[] {
    return this.#shadowed
  }

  /** The app of a source, or of the first source that has it. */
  get(id: string, source?: string): AppEntry | undefined {
    return source === undefined ? this.#byId.get(id) : this.#bySource.get(`${source}/${id}`)
  }

  /** Apps that a query finds, in its order. */
  find(query: ListQuery): readonly AppEntry[] {
    const { text = '', category = '', sort = text === '' ? 'name' : 'relevance' } = query
    const key = JSON.stringify([text, category, sort])
    const known = this.#lists.get(key)
    if (known) return known
    let found = this.#search.find(text)
    if (category !== '') found = found.filter(({ manifest }) => manifest.categories.includes(category))
    if (sort === 'name' && text !== '') {
      const wanted = new Set(found)
      found = this.apps.filter(entry => wanted.has(entry))
    } else if (sort === 'newest') found = [...found].sort((a, b) => b.since - a.since)
    if (this.#lists.size >= mostLists) this.#lists.delete(this.#lists.keys().next().value ?? '')
    this.#lists.set(key, found)
    return found
  }

  /** The app as the catalog has it now, when its version is newer than the installed one. */
  upgradeOf(id: string, source: string, version: string): AppEntry | undefined {
    const entry = this.get(id, source)
    return entry && compareVersions(entry.manifest.version, version) > 0 ? entry : undefined
  }
}
