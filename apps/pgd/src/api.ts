import type { Id } from './names/id.ts'

/** Options that every call takes. */
export interface CallOptions {
  /** Milliseconds; none by default. What was begun is undone. */
  readonly timeout?: number
  readonly signal?: AbortSignal
  /** Told of each step as it begins; for a person who waits. */
  readonly onStep?: (step: string) => void
}

/** A project, as it is shown. Instants are ISO 8601 in UTC. */
export interface ProjectView {
  readonly name: string
  readonly id: Id
  readonly created: string
  readonly runtime: 'docker' | 'process'
  readonly image?: string
  /** Major version of PostgreSQL. */
  readonly version: number
  readonly branches: number
  readonly running: number
  /** Bytes that it has for itself. */
  readonly used: number
}

/** State of a branch, from what the storage and the runtime say. */
export type BranchState = 'running' | 'starting' | 'stopped' | 'failed' | 'unfinished'

/** A branch, as it is shown; no secret is in it. */
export interface BranchView {
  /** `project/branch`. */
  readonly name: string
  readonly id: Id
  readonly state: BranchState
  /** Why it is in that state, where there is something to say: `not mounted since the machine started`. */
  readonly reason?: string
  /** `project/branch` that it was made from. */
  readonly parent?: string
  readonly created: string
  /** Instant that its data are of. */
  readonly dataTime: string
  readonly host: string
  readonly port: number
  readonly isProtected: boolean
  readonly expires?: string
  readonly isEphemeral: boolean
  readonly label?: string
  readonly generation: number
  /** Generation that a reset replaced, while it is kept. */
  readonly undo?: { readonly generation: number; readonly expires: string }
  /** Bytes: that only it has, that it shows in all. */
  readonly used: number
  readonly referenced: number
  readonly memory?: number
  readonly cpus?: number
}

export interface SnapshotView {
  readonly id: Id
  readonly branch: string
  readonly kind: 'user' | 'branch'
  readonly label?: string
  readonly created: string
  /** Bytes that go when it goes. */
  readonly used: number
  /** Branches that were made from it. */
  readonly dependents: readonly string[]
}

/** Times that a branch can be taken back to, and what of its archive there is. */
export interface WalView {
  readonly branch: string
  readonly segments: number
  readonly bytes: number
  readonly timeline?: number
  /** First and last instant that `--at` takes; undefined where there is none. */
  readonly from?: string
  readonly to?: string
  /** Segments that lack between the first and the last. */
  readonly gaps: readonly string[]
  /** What the archiver of the server said last, when it failed. */
  readonly failure?: string
}

/** How to connect. The only view with a secret in it. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password: string
  /** File with the certificate of the authority, for `sslmode=verify-full`. */
  readonly sslRootCert: string
  readonly url: string
}

export interface CreateProject extends CallOptions {
  readonly image?: string
  readonly version?: number
  readonly runtime?: 'docker' | 'process'
  readonly memory?: number
  readonly cpus?: number
  readonly ifNotExists?: boolean
}

/** What the servers of an adopted project are to be; what its data say, by default. */
export type AdoptProject = Pick<CreateProject, 'image' | 'version' | 'runtime' | keyof CallOptions>

export interface CreateBranch extends CallOptions {
  /** `project/branch`; the project's `main` by default. */
  readonly parent?: string
  /** Instant to take the data of: milliseconds since 1970. */
  readonly at?: number
  /** Snapshot to take the data of, by id. */
  readonly snapshot?: string
  /** Milliseconds until it may be deleted. */
  readonly ttl?: number
  /** It goes away with this process, or with the one of that number. */
  readonly ephemeral?: boolean | number
  readonly ifNotExists?: boolean
  readonly label?: string
  readonly memory?: number
  readonly cpus?: number
  readonly port?: number
}

export interface DiffView {
  readonly left: string
  readonly right: string
  /** Unified difference of the schemas; empty when they are the same. */
  readonly schema: string
  /** Tables whose numbers of rows differ; undefined on the side that lacks the table. */
  readonly rows: readonly { readonly table: string; readonly left?: number; readonly right?: number }[]
}

/** Storage, runtimes, and how much of each there is. */
export interface StatusView {
  /** Bytes free and in all; a quota counts. */
  readonly store: { readonly title: string; readonly free: number; readonly total: number }
  readonly runtimes: readonly string[]
  readonly projects: number
  readonly branches: number
  readonly running: number
  /** Branches of which there is something to say. */
  readonly attention: readonly BranchView[]
  /** What lies in the storage and is not of pgd. */
  readonly foreign: readonly string[]
}

/** What `repair` and `gc` did or would do. */
export interface Mending {
  readonly subject: string
  readonly action: string
  readonly done: boolean
  readonly reason?: string
}
