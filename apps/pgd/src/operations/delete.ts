import type { CallOptions } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { showRef } from '../names/ref.ts'
import type { Volume } from '../store/store.ts'
import { together } from '../together.ts'
import { findBranch, findProject, isReady } from '../world/find.ts'
import { showVolume } from '../world/view.ts'
import { type Branch, childrenOf, dependentsOf, type World } from '../world/world.ts'
import { discard } from './discard.ts'
import { holding, holdingProject } from './hold.ts'
import { refOf } from './lifecycle.ts'
import { look } from './look.ts'
import { refuseProtected } from './reset.ts'
import { type Call, calling } from './step.ts'

/**
 * Deletes a branch: server, data, and the snapshot that was made for it. Rejects with `PGD_PROTECTED`, and with
 * `PGD_HAS_DEPENDENTS` when others were made from it. What is not complete is cleaned away.
 */
export const deleteBranch = (context: Context, name: string, options: CallOptions = {}): Promise<void> =>
  calling(options, async call => {
    const ref = await refOf(context, name)
    await holding(context, call, 'branch delete', { change: [ref] }, async (world, before) => {
      findBranch(before, showRef(ref))
      // What was unfinished has been settled: perhaps nothing is left.
      const branch = world.branches.find(one => showRef(one) === showRef(ref))
      if (branch === undefined) return
      refuseDelete(world, branch)
      await remove(context, call, world, branch)
    })
  })

/** Deletes a project with all of its branches. Rejects with `PGD_PROTECTED` when one of them is protected. */
export const deleteProject = (context: Context, name: string, options: CallOptions = {}): Promise<void> =>
  calling(options, async call => {
    const { name: project } = findProject(await look(context, name), name)
    await holdingProject(context, call, 'project delete', project, async world => {
      const branches = world.branches.filter(branch => branch.project === project)
      for (const branch of branches) if (isReady(branch)) refuseProtected(branch)
      for (const volume of leavesFirst(
        world,
        branches.flatMap(({ volumes }) => volumes),
      ).flat()) {
        call.step(`Deleting ${showVolume(volume)}`)
        await discard(context, world, volume)
      }
      await context.store.destroyProject(project)
    })
  })

/** Why a branch may not be deleted, as an error. */
export function refuseDelete(world: World, branch: Branch): void {
  if (isReady(branch)) refuseProtected(branch)
  if (branch.branch === 'main') {
    const hint = `Delete the whole project: pgd project delete ${branch.project}`
    throw new PgdError('PGD_PROTECTED', `${showRef(branch)} is the first branch of its project`, { hint })
  }
  const children = childrenOf(world, branch.id).map(showRef)
  const hanging = dependentsOf(world, branch.volumes).map(showVolume)
  const all = [...new Set([...children, ...hanging])]
  if (all.length === 0) return
  throw new PgdError(
    'PGD_HAS_DEPENDENTS',
    `${all.join(', ')} ${all.length === 1 ? 'was' : 'were'} made from ${showRef(branch)}`,
  )
}

/** Destroys all that a branch has; whoever calls it has its lock, and knows that nothing depends on it. */
export async function remove(context: Context, call: Call, world: World, branch: Branch): Promise<void> {
  call.step(`Deleting ${showRef(branch)}`)
  for (const volumes of leavesFirst(world, branch.volumes)) {
    await together(volumes.map(volume => discard(context, world, volume)))
  }
}

/** An order in which nothing is destroyed before what hangs from it; those of one step do not hang from each other. */
function leavesFirst(world: World, volumes: readonly Volume[]): Volume[][] {
  const steps: Volume[][] = []
  let rest = [...volumes]
  while (rest.length > 0) {
    const guids = new Set(rest.map(({ guid }) => guid))
    const leaves = rest.filter(volume => !dependentsOf(world, [volume]).some(({ guid }) => guids.has(guid)))
    if (leaves.length === 0) throw new TypeError('volumes that hang from each other')
    steps.push(leaves)
    rest = rest.filter(volume => !leaves.includes(volume))
  }
  return steps
}
