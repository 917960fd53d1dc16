import type { Mending } from '../api.ts'
import type { Context } from '../context.ts'
import { isAlive } from '../locks/holder.ts'
import { showRef } from '../names/ref.ts'
import type { Volume } from '../store/store.ts'
import { findBranch, isReady } from '../world/find.ts'
import { showVolume } from '../world/view.ts'
import { type Branch, dependentsOf, type World } from '../world/world.ts'
import { refuseDelete, remove } from './delete.ts'
import { discard } from './discard.ts'
import { holding } from './hold.ts'
import { look } from './look.ts'
import { type MendOptions, mender, sweep } from './repair.ts'
import { type Call, calling } from './step.ts'

/**
 * Deletes what has had its time: branches past their time to live, those of processes that are gone, data that a reset
 * replaced a day ago, and snapshots that nothing needs. A branch that is protected, or that others were made from, stays.
 */
export const collect = (context: Context, options: MendOptions = {}): Promise<Mending[]> =>
  calling(options, async call => {
    const world = await look(context)
    const done: Mending[] = []
    const mend = mender(call, done, options.dryRun ?? false)
    const now = context.now()
    for (const branch of world.branches.filter(one => isOver(one, now))) {
      await mend(showRef(branch), 'delete, since its time is over', () => removeBranch(context, call, branch, now))
    }
    for (const volume of world.branches.flatMap(({ volumes }) => volumes).filter(one => isStale(world, one, now))) {
      await mend(showVolume(volume), 'delete, since a reset replaced it', () => removeStale(context, call, volume, now))
    }
    await sweep(context, call, mend)
    return done
  })

/** Whether a branch's time to live is over, or the process that it belongs to. */
function isOver(branch: Branch, now: number): boolean {
  if (!isReady(branch)) return false
  const { expires, holder, isProtected } = branch.current.facts
  return !isProtected && ((expires !== undefined && expires <= now) || (holder !== undefined && !isAlive(holder)))
}

const removeBranch = (context: Context, call: Call, { project, branch }: Branch, now: number): Promise<void> =>
  holding(context, call, 'gc', { change: [{ project, branch }], wait: 0 }, async world => {
    const found = findBranch(world, showRef({ project, branch }))
    if (!isOver(found, now)) return
    refuseDelete(world, found)
    await remove(context, call, world, found)
  })

const isStale = (world: World, volume: Volume, now: number): boolean =>
  volume.facts.state === 'retired' && (volume.facts.keptUntil ?? 0) <= now && dependentsOf(world, [volume]).length === 0

const removeStale = (context: Context, call: Call, { project, branch, guid }: Volume, now: number): Promise<void> =>
  holding(context, call, 'gc', { change: [{ project, branch }], wait: 0 }, async world => {
    const { volumes } = findBranch(world, showRef({ project, branch }))
    const volume = volumes.find(one => one.guid === guid)
    if (volume !== undefined && isStale(world, volume, now)) await discard(context, world, volume)
  })
