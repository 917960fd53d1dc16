import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError } from '../../errors/error.ts'
import type { CatalogProblem } from '../manifest/problem.ts'
import { accessOf } from './access.ts'
import { git } from './git.ts'
import { branchName, type GitSourceConfig, isCommit, repositoryUrl, sourceName } from './source-config.ts'
import { readState, type SourceState, writeState } from './state.ts'
import { digestsOf, extractTree, pruneTrees, type Tree } from './tree.ts'

const offeredRef = 'refs/appstore/offered'
const pinnedRef = 'refs/appstore/pinned'

/**
 * A catalog in a git repository. What is in use is pinned to a commit; only {@link GitSource.accept} moves the pin. Its
 * folder holds a bare repository, one tree for each commit in use or offered, and `state.json`.
 */
export class GitSource {
  readonly config: GitSourceConfig
  readonly #directory: string
  readonly #url: string
  #state: SourceState

  private constructor(config: GitSourceConfig, directory: string, url: string, state: SourceState) {
    this.config = config
    this.#directory = directory
    this.#url = url
    this.#state = state
  }

  /** Opens a source below `base`, or begins one. @throws {AppstoreError} for a wrong configuration or a damaged state. */
  static async open(config: GitSourceConfig, base: string): Promise<GitSource> {
    const url = repositoryUrl(config.url)
    if (config.branch !== undefined) branchName(config.branch)
    const directory = join(base, sourceName(config.name))
    await mkdir(join(directory, 'trees'), { recursive: true, mode: 0o755 })
    const source = new GitSource(config, directory, url, await readState(directory, url))
    const { pinned, offered } = source.#state
    if (offered && pinned?.commit === offered.commit) source.#state = withoutOffer(source.#state)
    await source.#prune()
    return source
  }

  get state(): SourceState {
    return this.#state
  }

  get #repository(): string {
    return join(this.#directory, 'repository.git')
  }

  get #trees(): string {
    return join(this.#directory, 'trees')
  }

  /** The tree of a commit that is offered or in use; it is made anew when it is gone. */
  async tree(commit: string, signal?: AbortSignal): Promise<Tree & { readonly problems: readonly CatalogProblem[] }> {
    if (!isCommit(commit)) throw new AppstoreError('APPSTORE_INPUT_INVALID', `${escapeValue(commit)} is not a commit`)
    return await extractTree(this.#repository, this.#trees, commit, signal)
  }

  /** Fetches the newest commit and offers it, unless it is in use already. */
  async check(signal?: AbortSignal): Promise<SourceState> {
    // Not when the pin moves: what was read before may be being copied for an install.
    await this.#prune()
    const access = await accessOf(this.config)
    await git(['init', '--quiet', '--bare', '--template=', '--', this.#repository], { signal })
    const from = this.config.branch === undefined ? 'HEAD' : `refs/heads/${this.config.branch}`
    const flags = [
      '--quiet',
      '--depth=1',
      '--no-tags',
      '--no-recurse-submodules',
      '--no-write-fetch-head',
      '--update-shallow',
    ]
    await git(['fetch', ...flags, '--', this.#url, `+${from}:${offeredRef}`], {
      repository: this.#repository,
      settings: access.settings,
      sshCommand: access.sshCommand,
      signal,
    })
    const answer = await git(['rev-parse', '--verify', '--end-of-options', `${offeredRef}^{commit}`], {
      repository: this.#repository,
      signal,
    })
    const commit = answer.toString('latin1').trim()
    if (!isCommit(commit)) throw new AppstoreError('APPSTORE_CATALOG_UNAVAILABLE', 'git named no commit')
    await this.tree(commit, signal)
    const now = Date.now()
    const rest = withoutOffer(this.#state)
    const isNew = rest.pinned?.commit !== commit
    await this.#save({ ...rest, checkedAt: now, ...(isNew ? { offered: { commit, at: now } } : {}) })
    return this.#state
  }

  /**
   * Uses the commit that is offered. `versions` are those of its apps, for the time since which each has its own.
   * @throws {AppstoreError} `APPSTORE_CHANGED` when another commit is offered than the caller has seen.
   */
  async accept(commit: string, versions: ReadonlyMap<string, string>): Promise<SourceState> {
    const { offered, pinned, since = {} } = this.#state
    if (pinned?.commit === commit) return this.#state
    if (offered?.commit !== commit) {
      throw new AppstoreError('APPSTORE_CHANGED', 'this commit is not the one that is offered; check the source again')
    }
    await git(['update-ref', '--end-of-options', pinnedRef, commit], { repository: this.#repository })
    const at = Date.now()
    const ages = [...versions].map(([app, version]) => {
      const before = Object.hasOwn(since, app) ? since[app] : undefined
      return [app, before?.version === version ? before : { version, at }] as const
    })
    await this.#save({ ...withoutOffer(this.#state), pinned: { commit, at }, since: Object.fromEntries(ages) })
    return this.#state
  }

  /** Ids of the files of each app of a commit. */
  async digests(commit: string, signal?: AbortSignal): Promise<Map<string, Map<string, string>>> {
    return await digestsOf(this.#repository, commit, signal)
  }

  /** Difference of an app between two commits, as git shows it; of at most `limit` bytes. */
  async patch(app: string, from: string, to: string, limit = 262_144): Promise<string> {
    if (![from, to].every(isCommit) || !/^[a-z0-9-]{1,63}$/.test(app)) {
      throw new AppstoreError('APPSTORE_INPUT_INVALID', 'an app and two commits are wanted')
    }
    const flags = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames']
    const paths = [`apps/${app}`, `catalog/apps/${app}`]
    const bytes = await git(['diff', ...flags, '--end-of-options', from, to, '--', ...paths], {
      repository: this.#repository,
    })
    return bytes.subarray(0, limit).toString('utf8')
  }

  /** Removes trees that are neither in use nor offered, and what a crash left half done. */
  async #prune(): Promise<void> {
    const { pinned, offered } = this.#state
    const kept = [pinned?.commit, offered?.commit]
    await pruneTrees(this.#trees, name => kept.includes(name))
  }

  async #save(state: SourceState): Promise<void> {
    await writeState(this.#directory, state)
    this.#state = state
  }
}

function withoutOffer({ offered: _, ...rest }: SourceState): SourceState {
  return rest
}
