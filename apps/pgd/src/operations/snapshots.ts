import type { CallOptions, Mending, SnapshotView } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { parseLabel } from '../names/label.ts'
import { showRef } from '../names/ref.ts'
import type { Snapshot } from '../store/store.ts'
import { findBranch, findProject, findReady, findSnapshot } from '../world/find.ts'
import { viewSnapshot } from '../world/view.ts'
import { takeSnapshot } from './data.ts'
import { holding } from './hold.ts'
import { refOf } from './lifecycle.ts'
import { look, lookFor } from './look.ts'
import { calling } from './step.ts'

/** Keeps the present data of a branch. */
export const createSnapshot = (
  context: Context,
  name: string,
  options: CallOptions & { readonly label?: string } = {},
): Promise<SnapshotView> =>
  calling(options, async call => {
    const label = options.label === undefined ? undefined : parseLabel(options.label)
    const ref = await refOf(context, name)
    return holding(context, call, 'snapshot create', { change: [ref] }, async world => {
      call.step(`Taking a snapshot of ${showRef(ref)}`)
      const { facts: project } = findProject(world, ref.project)
      const facts = { kind: 'user', ...(label === undefined ? {} : { label }) } as const
      const snapshot = await takeSnapshot(context, findReady(world, showRef(ref)), project, facts, call)
      return viewSnapshot(world, snapshot)
    })
  })

/** Snapshots of a branch, or of all, the oldest first. */
export async function listSnapshots(context: Context, name?: string): Promise<SnapshotView[]> {
  const world = await lookFor(context, ...(name === undefined ? [] : [name]))
  const branch = name === undefined ? undefined : findBranch(world, name)
  return world.snapshots
    .filter(({ of }) => branch === undefined || showRef(of) === showRef(branch))
    .sort((a, b) => a.facts.created - b.facts.created)
    .map(snapshot => viewSnapshot(world, snapshot))
}

/** Deletes a snapshot. Rejects with `PGD_HAS_DEPENDENTS` when branches were made from it. */
export const deleteSnapshot = (context: Context, id: string, options: CallOptions = {}): Promise<void> =>
  calling(options, async call => {
    const { of } = findSnapshot(await look(context), id)
    await holding(context, call, 'snapshot delete', { change: [of] }, async world => {
      const snapshot = findSnapshot(world, id)
      const { dependents } = viewSnapshot(world, snapshot)
      if (dependents.length > 0) {
        throw new PgdError('PGD_HAS_DEPENDENTS', `${dependents.join(', ')} hang from the snapshot ${snapshot.facts.id}`)
      }
      await context.store.destroySnapshot(snapshot)
    })
  })

/** Which snapshots of a branch may go. */
export interface PruneSnapshots extends CallOptions {
  /** Milliseconds: those that are older. */
  readonly olderThan?: number
  /** How many of the newest stay in any case. */
  readonly keep?: number
  readonly dryRun?: boolean
}

/** Deletes old snapshots of a branch that nothing was made from. */
export const pruneSnapshots = (context: Context, name: string, options: PruneSnapshots): Promise<Mending[]> =>
  calling(options, async call => {
    const { olderThan, keep = 0, dryRun = false } = options
    if (olderThan === undefined && options.keep === undefined) {
      throw new PgdError('PGD_USAGE', 'Say which may go: olderThan, keep, or both', { field: 'olderThan' })
    }
    const ref = await refOf(context, name)
    return holding(context, call, 'snapshot prune', { change: [ref] }, async world => {
      findBranch(world, showRef(ref))
      const oldest = context.now() - (olderThan ?? 0)
      const users = world.snapshots
        .filter(({ of, facts }) => showRef(of) === showRef(ref) && facts.kind === 'user')
        .sort((a, b) => b.facts.created - a.facts.created)
      const going = users.slice(keep).filter(({ facts }) => facts.created < oldest)
      const done: Mending[] = []
      for (const snapshot of going) done.push(await prune(context, snapshot, viewSnapshot(world, snapshot), dryRun))
      return done
    })
  })

async function prune(context: Context, snapshot: Snapshot, view: SnapshotView, dryRun: boolean): Promise<Mending> {
  const said = { subject: `snapshot ${view.id} of ${view.branch}`, action: 'delete' }
  if (view.dependents.length > 0) return { ...said, done: false, reason: `${view.dependents.join(', ')} hang from it` }
  if (!dryRun) await context.store.destroySnapshot(snapshot)
  return { ...said, done: !dryRun }
}
