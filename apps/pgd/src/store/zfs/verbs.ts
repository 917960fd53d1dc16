/** How a verb of zfs ended. Failure is data here: some of it is no failure to the store. */
export type ZfsEnd = { readonly stdout: string; readonly failure?: undefined } | { readonly failure: ZfsFailure }

/** What went wrong, in the words of zfs or of the broker. */
export interface ZfsFailure {
  readonly kind: FailureKind
  readonly verb: string
  readonly words: string
  readonly exitCode?: number
  readonly cause?: unknown
}

export type FailureKind =
  | 'exists'
  | 'notFound'
  | 'noSpace'
  | 'hasDependents'
  | 'busy'
  | 'alreadyMounted'
  | 'notMounted'
  | 'notClone'
  | 'refused'
  | 'unavailable'
  | 'partial'
  | 'limited'
  | 'timedOut'
  | 'cancelled'
  | 'other'

/**
 * The verbs of zfs that the store uses, for one base, each on one dataset or snapshot by its whole name. Whoever carries
 * them out, they reject only when there is no broker at all.
 */
export interface Zfs {
  /** Dataset below which everything lies. */
  readonly base: string
  /** Where the base is mounted; what is below inherits from it. */
  readonly mountpoint: string
  /**
   * Properties of the base and of all below it: name, property, value, source, with tabs between. One that zfs
   * complained of is a failure of the kind `partial`.
   */
  list(): Promise<ZfsEnd>
  /** Own value and source of one property of one dataset; undefined where only the whole can be listed. */
  get?(dataset: string, property: Mark): Promise<ZfsEnd>
  /** `facts` are the text of the user property that marks what is made. */
  createProject(dataset: string, facts: string): Promise<ZfsEnd>
  create(dataset: string, facts: string): Promise<ZfsEnd>
  clone(snapshot: string, dataset: string, facts: string): Promise<ZfsEnd>
  snapshot(snapshot: string, facts: string): Promise<ZfsEnd>
  set(member: string, mark: Mark, facts: string): Promise<ZfsEnd>
  rename(dataset: string, to: string): Promise<ZfsEnd>
  promote(dataset: string): Promise<ZfsEnd>
  /** One dataset or snapshot, and nothing with it. */
  destroy(member: string): Promise<ZfsEnd>
  mount(dataset: string): Promise<ZfsEnd>
  unmount(dataset: string): Promise<ZfsEnd>
  /** Gives the root directory of a new, mounted dataset to this account, where it is not its own already. */
  own(dataset: string): Promise<ZfsEnd>
}

/** User properties that hold facts; each kind of thing has its own, since properties are inherited. */
export type Mark = 'pgd:project' | 'pgd:volume' | 'pgd:snapshot'

/** How a listing fails that is not all, in its own words or in ours. */
export const partial = (words: string): ZfsFailure => ({ kind: 'partial', verb: 'zfs get', words })

/** Texts of OpenZFS 2.1, 2.3 and of zfs-fuse 0.7; the first that matches tells. */
const signs: readonly (readonly [FailureKind, RegExp])[] = [
  ['exists', /dataset already exists/],
  ['noSpace', /out of space|quota exceeded|No space left/i],
  ['hasDependents', /has (?:children|dependent clones)/],
  ['alreadyMounted', /filesystem already mounted/],
  ['notMounted', /not currently mounted/],
  ['notClone', /not a cloned filesystem/],
  ['refused', /permission denied|must be superuser|only be mounted by root|not permitted|insufficient privileges/i],
  ['busy', /is busy|umount failed|unmount failed/],
  ['notFound', /(?:dataset|parent) does not exist|could not find any snapshots/],
]

/** What a failure of zfs is, by its words. */
export const kindOf = (words: string): FailureKind => signs.find(([, sign]) => sign.test(words))?.[0] ?? 'other'
