import type { Id } from '../names/id.ts'
import type { Name } from '../names/name.ts'

/** What a project has in common: one lineage of databases. Kept with its dataset or directory. */
export interface ProjectFacts {
  readonly id: Id
  /** Instant of creation, milliseconds since 1970. */
  readonly created: number
  /** Where its servers run. */
  readonly runtime: RuntimeKind
  /** Image of its containers; undefined where PostgreSQL's own programs run. */
  readonly image?: string
  /** Major version of PostgreSQL. */
  readonly version: number
}

export type RuntimeKind = 'docker' | 'process'

/**
 * State of a volume. `creating`: it is not complete, and is undone when nobody works on it any more. `ready`: complete
 * and verified. `retired`: replaced by a newer one, and kept for an undo until it expires. `deleting`: on its way out,
 * which is seen through when nobody works on it any more.
 */
export type VolumeState = 'creating' | 'ready' | 'retired' | 'deleting'

/**
 * What is known of one volume: the data of a branch, of one generation. A reset makes a new generation beside the old
 * one; the branch is its newest volume that is ready. Kept with the dataset or directory.
 */
export interface VolumeFacts {
  /** Id of the branch; the same in all its generations. */
  readonly id: Id
  readonly state: VolumeState
  /** Instant of creation, milliseconds since 1970. */
  readonly created: number
  /** Port that was allotted to the branch, for good. */
  readonly port: number
  /** Whether the server should run; a machine that restarts does not change it. */
  readonly wanted: 'running' | 'stopped'
  /** Id of the branch that it was made from; undefined for the first of a project, or after it was promoted. */
  readonly parent?: Id
  /** Instant that its data are of, milliseconds since 1970. */
  readonly dataTime?: number
  /** A branch that is not to be deleted or reset. */
  readonly isProtected?: boolean
  /** Instant at which it may be deleted, milliseconds since 1970. */
  readonly expires?: number
  /** Instant until which a volume that was replaced is kept for an undo, milliseconds since 1970. */
  readonly keptUntil?: number
  /** Process that it goes away with: pid, start time in clock ticks, boot id, as locks write it. */
  readonly holder?: string
  /** Words of the user to find it by. */
  readonly label?: string
  /** Limits of its server. */
  readonly memory?: number
  readonly cpus?: number
}

/** What is known of a snapshot. */
export interface SnapshotFacts {
  readonly id: Id
  /** `user`: made by name. `branch`: made for a branch, and goes with the last one that needs it. */
  readonly kind: 'user' | 'branch'
  /** Instant after which it was complete, milliseconds since 1970. */
  readonly created: number
  readonly label?: string
  /** Where recovery from it begins: timeline and WAL segment of the last checkpoint's redo; not of a stopped server. */
  readonly timeline?: number
  readonly segment?: string
}

/** A project with its facts. */
export interface Project {
  readonly name: Name
  readonly facts: ProjectFacts
}
