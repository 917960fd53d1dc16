import type { Project, ProjectFacts, SnapshotFacts, VolumeFacts } from '../facts/model.ts'
import { type Name, readName } from '../names/name.ts'
import type { Adopter } from './adopt.ts'

/** A place for the data of branches, which can copy them at once: datasets of ZFS, or directories. */
export interface Store {
  readonly kind: 'zfs' | 'directory'
  /** For people: `zfs:tank/pgd/databases`. */
  readonly title: string
  /**
   * Whether a copy of a running server is taken at one instant. Where it is not, the server must be told that it is
   * being copied (`Frozen`).
   */
  readonly isAtomic: boolean
  /**
   * All that is in the store, in one question. What has no facts of ours is `foreign`. A store that must look at every
   * file to know sizes says 0 where they are not asked for.
   */
  list(options?: { readonly sizes?: boolean }): Promise<Inventory>
  /** Whether there is this project, asked of it alone, where a list may tell less than all. */
  hasProject?(name: Name): Promise<boolean>
  /** Where the files of a volume are while it is mounted; known before there is one. */
  pathOf(at: VolumeName): string
  createProject(name: Name, facts: ProjectFacts): Promise<void>
  changeProject(name: Name, facts: ProjectFacts): Promise<void>
  /** Rejects with `PGD_HAS_DEPENDENTS` when anything is still in it. */
  destroyProject(name: Name): Promise<void>
  /** Makes an empty volume and mounts it; it belongs to this account alone. `PGD_EXISTS` when the name is taken. */
  createVolume(at: VolumeName, facts: VolumeFacts): Promise<Volume>
  /** Makes a volume with the data of a snapshot, and mounts it. */
  cloneSnapshot(snapshot: Snapshot, at: VolumeName, facts: VolumeFacts, signal?: AbortSignal): Promise<Volume>
  /**
   * Makes a volume with the present data of another one, and mounts it. A store of datasets leaves a snapshot of kind
   * `branch` behind, from which the volume hangs; nothing is left behind when it fails. `arrived` is called when the files
   * are there, where the store still has to find out what became of it meanwhile, which then waits for both.
   */
  copyVolume(
    from: Volume,
    snapshot: SnapshotFacts,
    at: VolumeName,
    facts: VolumeFacts,
    frozen: Frozen,
    signal?: AbortSignal,
    arrived?: () => Promise<unknown>,
  ): Promise<{ readonly volume: Volume; readonly snapshot?: Snapshot }>
  snapshot(volume: Volume, facts: SnapshotFacts, frozen: Frozen, signal?: AbortSignal): Promise<Snapshot>
  /** Replaces the facts, at once and for good. */
  changeVolume(volume: Volume, facts: VolumeFacts): Promise<Volume>
  changeSnapshot(snapshot: Snapshot, facts: SnapshotFacts): Promise<void>
  mount(volume: Volume): Promise<Volume>
  unmount(volume: Volume): Promise<Volume>
  /** Gives a volume another name; it is unmounted before and stays so. */
  renameVolume(volume: Volume, to: VolumeName): Promise<Volume>
  /** Makes it independent of the volume it was made from: their common snapshots move to it. */
  promote(volume: Volume): Promise<void>
  /**
   * Destroys this very volume, by the id that the store gave it, once `still` has settled, which ends what uses it; rejects
   * when that does. It is unmounted first; and the snapshot that was made for
   * it, when nothing else hangs from that. Rejects with `PGD_HAS_DEPENDENTS`
   * when something was made from it, `PGD_FOREIGN` when snapshots in it are not ours.
   */
  destroyVolume(volume: Volume, still?: Promise<unknown>): Promise<void>
  destroySnapshot(snapshot: Snapshot): Promise<void>
  readonly adopter: Adopter
  /** Bytes free for new data, and in all; a quota counts. */
  space(): Promise<{ readonly free: number; readonly total: number }>
  /** Removes what calls left that were killed, where that can be (`Inventory.leftovers`); resolves to the names. */
  sweep?(): Promise<readonly string[]>
}

/**
 * Runs a copy of a volume's files while their server is told of it, where there is one. A store that is not atomic copies
 * all but `data/pg_wal` within, and `pg_wal` afterwards, then writes what comes back.
 */
export type Frozen = (copy: () => Promise<void>) => Promise<FrozenEnd | undefined>

/** What a copy of a running server needs (pg_backup_stop). */
export interface FrozenEnd {
  /** Files by their paths below `data/`, such as `backup_label`. */
  readonly files: Readonly<Record<string, string>>
  /** First WAL segment that it needs; those that `pg_wal` has no more are in the archive. */
  readonly firstSegment: string
}

/** Which volume: a branch of a project, and which generation of it, counted from 1. */
export interface VolumeName {
  readonly project: Name
  readonly branch: Name
  readonly generation: number
}

export interface Volume extends VolumeName {
  readonly facts: VolumeFacts
  /** Identity that the store gave, which no later volume of the same name has: the GUID of a dataset, an inode. */
  readonly guid: string
  /** Where its files are while it is mounted. */
  readonly path: string
  readonly isMounted: boolean
  /** Snapshot that it hangs from, by identity. */
  readonly origin?: string
  /** Bytes: of its own, and of all that it refers to. */
  readonly used: number
  readonly referenced: number
}

export interface Snapshot {
  readonly of: VolumeName
  readonly facts: SnapshotFacts
  readonly guid: string
  /** Bytes that only it keeps. */
  readonly used: number
  /** Volumes that hang from it, by identity. */
  readonly clones: readonly string[]
}

export interface Inventory {
  readonly projects: readonly Project[]
  readonly volumes: readonly Volume[]
  readonly snapshots: readonly Snapshot[]
  /** Names of what lies there and is not ours. */
  readonly foreign: readonly string[]
  /** Names of what calls left that were killed, and that is part of nothing; the next call that makes something removes it. */
  readonly leftovers?: readonly string[]
}

/** Between the name of a branch and its generation; no name of a user holds it. */
const separator = '__'

/** Last component of a volume's name: `dev`, and `dev__2` for its second generation. */
export const componentOf = ({ branch, generation }: VolumeName): string =>
  generation === 1 ? branch : `${branch}${separator}${generation}`

/** Branch and generation by {@link componentOf}; undefined when the text is none of these. */
export function readComponent(text: string): Pick<VolumeName, 'branch' | 'generation'> | undefined {
  const [first = '', second = '2', ...more] = text.split(separator)
  const branch = readName(first)
  if (branch === undefined || more.length > 0 || !/^[1-9]\d{0,8}$/.test(second) || second === '1') return undefined
  return { branch, generation: text === first ? 1 : Number(second) }
}
