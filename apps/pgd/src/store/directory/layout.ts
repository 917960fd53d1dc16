import { join } from 'node:path'
import { componentOf, type VolumeName } from '../store.ts'

/**
 * Where things are below the root of the store; names of users begin with a letter or digit, so ours do not collide.
 *
 *     .scratch/               what is being made or removed
 *     PROJECT/.pgd            facts of a project
 *     PROJECT/BRANCH__2/.pgd  facts of a volume
 *     PROJECT/BRANCH__2/volume/         its files: all that its server sees
 *     PROJECT/BRANCH__2/snapshots/ID/   the same for each of its snapshots
 */
export const recordName = '.pgd'
export const scratchName = '.scratch'
export const filesName = 'volume'
export const snapshotsName = 'snapshots'

/** Directory of a volume with all that belongs to it. */
export const entryOf = (root: string, at: VolumeName): string => join(root, at.project, componentOf(at))

/** Directory of a snapshot. */
export const snapshotOf = (root: string, of: VolumeName, id: string): string =>
  join(entryOf(root, of), snapshotsName, id)
