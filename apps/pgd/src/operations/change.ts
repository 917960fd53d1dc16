import type { BranchView, CallOptions } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { parseName } from '../names/name.ts'
import { type Ref, showRef } from '../names/ref.ts'
import { findBranch } from '../world/find.ts'
import { viewBranch } from '../world/view.ts'
import { dependentsOf } from '../world/world.ts'
import { discard, forgetParent, stopServers } from './discard.ts'
import { holding } from './hold.ts'
import { changing, refOf, serve } from './lifecycle.ts'
import { look } from './look.ts'
import { calling } from './step.ts'

/** Keeps a branch from being deleted or reset, or lifts that. */
export const protectBranch = (
  context: Context,
  name: string,
  isProtected: boolean,
  options: CallOptions = {},
): Promise<BranchView> =>
  changing(context, name, 'branch protect', options, async (_call, _world, { current }) => {
    const { isProtected: _, ...facts } = current.facts
    await context.store.changeVolume(current, isProtected ? { ...facts, isProtected } : facts)
  })

/**
 * Makes a branch independent of the one that it was made from; in a store of datasets that one hangs from it then, by the
 * snapshots that they share.
 */
export const promoteBranch = (context: Context, name: string, options: CallOptions = {}): Promise<BranchView> =>
  changing(context, name, 'branch promote', options, async (call, _world, { current }) => {
    call.step('Promoting')
    if (current.origin !== undefined) await context.store.promote(current)
    await forgetParent(context, current)
  })

/**
 * Gives a branch another name in its project; id, port and password stay. Data from before a reset are not kept over it,
 * so that it is one step of the storage.
 */
export const renameBranch = (
  context: Context,
  name: string,
  newName: string,
  options: CallOptions = {},
): Promise<BranchView> =>
  calling(options, async call => {
    const ref = await refOf(context, name)
    const to: Ref = { project: ref.project, branch: parseName(newName, 'newName') }
    await holding(context, call, 'branch rename', { change: [ref, to] }, async world => {
      const branch = findBranch(world, showRef(ref))
      const { current, volumes } = branch
      if (ref.branch === 'main')
        throw new PgdError('PGD_PROTECTED', `${showRef(ref)} is the first branch of its project`)
      if (current === undefined) throw new PgdError('PGD_NOT_FOUND', `The branch ${showRef(ref)} is not complete`)
      if (world.branches.some(one => showRef(one) === showRef(to))) {
        throw new PgdError('PGD_EXISTS', `The branch ${showRef(to)} exists`, { field: 'newName' })
      }
      const others = volumes.filter(volume => volume !== current)
      const needed = dependentsOf(world, others)
      if (needed.length > 0) {
        const message = `Branches were made from data of ${showRef(ref)} from before its reset`
        throw new PgdError('PGD_HAS_DEPENDENTS', message, { hint: 'Delete or promote those first' })
      }
      call.step('Stopping the server')
      for (const other of others) await discard(context, world, other)
      await stopServers(context, world, current, 60)
      const unmounted = await context.store.unmount(current)
      const renamed = await context.store.renameVolume(unmounted, { ...to, generation: current.generation })
      if (current.facts.wanted === 'running') await serve(context, call, world, renamed)
    })
    const world = await look(context, to.project)
    return viewBranch(world, findBranch(world, showRef(to)))
  })
