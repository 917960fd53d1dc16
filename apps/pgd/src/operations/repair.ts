import type { CallOptions, Mending } from '../api.ts'
import type { Context } from '../context.ts'
import { isPgdError } from '../errors/error.ts'
import { sweepTemporary } from '../locks/temporary.ts'
import type { Name } from '../names/name.ts'
import { showRef } from '../names/ref.ts'
import type { Snapshot } from '../store/store.ts'
import { findBranch, isReady } from '../world/find.ts'
import { type Branch, serverOf, type World } from '../world/world.ts'
import { isUnsettled } from './discard.ts'
import { holding, holdingProject } from './hold.ts'
import { serve } from './lifecycle.ts'
import { look } from './look.ts'
import { type Call, calling } from './step.ts'

/** Options of what mends or cleans. */
export interface MendOptions extends CallOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean
}

/**
 * Makes what is there what it should be: what was interrupted is taken back or seen through, servers that should run are
 * started, and what nothing needs any more goes. What somebody works on is left alone, and said.
 */
export const repair = (context: Context, options: MendOptions = {}): Promise<Mending[]> =>
  calling(options, async call => {
    const world = await look(context)
    const done: Mending[] = []
    const mend = mender(call, done, options.dryRun ?? false)
    for (const branch of world.branches.filter(one => isUnsettled(world, one, context.store))) {
      await mend(showRef(branch), 'take back or see through what was interrupted', () =>
        // The lock alone settles what is in it.
        holding(context, call, 'repair', { change: [branch], wait: 0 }, async () => {}),
      )
    }
    for (const branch of world.branches.filter(isDown)) {
      await mend(showRef(branch), 'start the server', () => startAgain(context, call, branch))
    }
    await sweep(context, call, mend)
    for (const { key } of world.strays) {
      await mend(`server ${key}`, 'end it, since its branch is gone', async () => {
        // It may have been made since the storage was asked.
        const { strays } = await look(context)
        if (!strays.some(one => one.key === key)) return
        for (const runtime of await context.runtimes()) await runtime.stop({ key }, 10)
      })
    }
    for (const name of world.leftovers) {
      await mend(name, 'remove what was interrupted while it was written', async () => context.store.sweep?.())
    }
    // What was taken back may have been all that a project had.
    for (const name of emptyProjects(await look(context))) {
      await mend(name, 'remove a project without branches', () => dropEmpty(context, call, name))
    }
    if (!options.dryRun) {
      context.locks.sweep()
      await sweepTemporary()
      for (const runtime of await context.runtimes()) await runtime.sweep()
    }
    return done
  })

/** Removes snapshots that were made for branches which are gone, or never came to be. */
export async function sweep(context: Context, call: Call, mend: Mend): Promise<void> {
  const world = await look(context)
  for (const snapshot of world.snapshots.filter(isOrphan)) {
    await mend(`snapshot ${snapshot.facts.id} of ${showRef(snapshot.of)}`, 'delete, since no branch needs it', () =>
      dropOrphan(context, call, snapshot),
    )
  }
}

/** While the lock of its branch is held nobody is between making a snapshot and using it. */
const dropOrphan = (context: Context, call: Call, { guid, of }: Snapshot): Promise<void> =>
  holding(context, call, 'repair', { change: [of], wait: 0 }, async world => {
    const snapshot = world.snapshots.find(one => one.guid === guid)
    if (snapshot !== undefined && isOrphan(snapshot)) await context.store.destroySnapshot(snapshot)
  })

const isOrphan = ({ facts, clones }: Snapshot): boolean => facts.kind === 'branch' && clones.length === 0

const isDown = (branch: Branch): boolean =>
  branch.current?.facts.wanted === 'running' && serverOf(branch)?.state !== 'running'

const startAgain = (context: Context, call: Call, branch: Branch): Promise<void> =>
  holding(context, call, 'repair', { change: [branch], wait: 0 }, async world => {
    const found = findBranch(world, showRef(branch))
    if (isReady(found) && isDown(found)) await serve(context, call, world, found.current)
  })

/** Projects that have nothing; one with something that pgd did not make may be about to adopt it. */
const emptyProjects = ({ projects, branches, foreign }: World): Name[] =>
  [...projects.keys()].filter(
    name => !branches.some(({ project }) => project === name) && !foreign.some(path => path.split('/').at(-2) === name),
  )

const dropEmpty = (context: Context, call: Call, name: Name): Promise<void> =>
  holdingProject(context, call, 'repair', name, async world => {
    if (emptyProjects(world).includes(name)) await context.store.destroyProject(name)
  })

/** Does one thing, or says what it would do; what fails is said, and does not keep the rest from being done. */
export type Mend = (subject: string, action: string, work: () => Promise<unknown>) => Promise<void>

export const mender =
  (call: Call, done: Mending[], dryRun: boolean): Mend =>
  async (subject, action, work) => {
    if (dryRun) return void done.push({ subject, action, done: false })
    call.step(`${subject}: ${action}`)
    try {
      await work()
      done.push({ subject, action, done: true })
    } catch (error) {
      if (!isPgdError(error) || error.isCancelled || error.isTimedOut) throw error
      done.push({ subject, action, done: false, reason: error.message })
    }
  }
