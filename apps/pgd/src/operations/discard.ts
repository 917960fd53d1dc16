import type { Context } from '../context.ts'
import { isPgdError } from '../errors/error.ts'
import type { Ref } from '../names/ref.ts'
import { withSession } from '../postgres/connect.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { layoutBelow } from '../serve/layout.ts'
import { isPasswordPending, settlePassword } from '../serve/password.ts'
import type { Store, Volume } from '../store/store.ts'
import { together } from '../together.ts'
import { isReady } from '../world/find.ts'
import { type Branch, dependentsOf, keyOf, serverOf, type World } from '../world/world.ts'

/** How long a generation that a reset replaced is kept for an undo: a day, in milliseconds. */
export const graceTime = 86_400_000

/**
 * Sees through or takes back what was left unfinished in a branch. Whoever calls it has the branch's lock, so nobody works
 * on it. Resolves to whether anything was done.
 */
export async function settle(context: Context, world: World, branch: Branch): Promise<boolean> {
  const { volumes, current } = branch
  const unfinished = volumes.filter(({ facts: { state } }) => state === 'creating' || state === 'deleting')
  const replaced = volumes.filter(volume => volume.facts.state === 'ready' && volume !== current)
  for (const volume of unfinished) await discard(context, world, volume)
  for (const volume of replaced) await retire(context, world, volume)
  const mounted = volumes.filter(volume => isLeftMounted(volume, context.store))
  for (const volume of mounted) await unserve(context, world, volume)
  const [isPromoted, isPending] = [isHalfPromoted(world, branch), hasPendingPassword(branch)]
  if (isPromoted && isReady(branch)) await forgetParent(context, branch.current)
  if (isPending && isReady(branch)) await finishPassword(branch.current)
  return unfinished.length + replaced.length + mounted.length > 0 || isPromoted || isPending
}

/** Whether a branch has something that {@link settle} would do, in a store of that kind. */
export const isUnsettled = (world: World, branch: Branch, store: Pick<Store, 'kind'>): boolean =>
  branch.volumes.some(volume => {
    const { state } = volume.facts
    const isReplaced = state === 'ready' && volume !== branch.current
    return state === 'creating' || state === 'deleting' || isReplaced || isLeftMounted(volume, store)
  }) ||
  isHalfPromoted(world, branch) ||
  hasPendingPassword(branch)

/** Whether data that a reset replaced are still mounted, where anything is. */
const isLeftMounted = ({ facts, isMounted }: Volume, { kind }: Pick<Store, 'kind'>): boolean =>
  kind === 'zfs' && facts.state === 'retired' && isMounted

/** Whether what was its parent hangs from it already: the storage was told of a promotion, and its facts were not. */
function isHalfPromoted(world: World, branch: Branch): boolean {
  const parent = branch.current?.facts.parent
  return (
    parent !== undefined &&
    isReady(branch) &&
    dependentsOf(world, [branch.current]).some(one => one.facts.id === parent)
  )
}

/** Says that a branch was made from no other one any more. */
export async function forgetParent({ store }: Context, volume: Volume): Promise<void> {
  const { parent: _, ...facts } = volume.facts
  await store.changeVolume(volume, facts)
}

/** Whether its server is to be given a password; one that does not run gets it when it starts. */
const hasPendingPassword = (branch: Branch): boolean =>
  isReady(branch) && serverOf(branch)?.state === 'running' && isPasswordPending(branch.current.path)

const finishPassword = ({ path }: Volume): Promise<void> =>
  withSession({ run: layoutBelow(path).run }, session => settlePassword(path, session))

/** Keeps a volume for an undo, without a server. */
export async function retire(context: Context, world: World, volume: Volume): Promise<Volume> {
  await stopServers(context, world, volume, 10)
  const keptUntil = context.now() + graceTime
  // Of the two alone, neither makes anything else of the branch: the next call does what lacks.
  const [{ facts }, unmounted] = await together([
    context.store.changeVolume(volume, { ...volume.facts, state: 'retired', keptUntil }),
    context.store.unmount(volume),
  ])
  return { ...unmounted, facts }
}

/** Unmounts what is kept; somebody who is in it keeps nobody from working on the branch. */
async function unserve(context: Context, world: World, volume: Volume): Promise<void> {
  await stopServers(context, world, volume, 10)
  await context.store.unmount(volume).catch(error => {
    if (!isPgdError(error) || error.code !== 'PGD_PROGRAM_FAILED') throw error
  })
}

/** Destroys a volume with its server. */
export async function discard(context: Context, world: World, volume: Volume): Promise<void> {
  await requireRuntime(context, world, volume)
  const { store, runtimes } = context
  const { state } = volume.facts
  const ending = async (runtime: Runtime): Promise<void> => {
    await runtime.stop({ key: keyOf(volume) }, 0)
    await runtime.endTools(volume.path)
  }
  const end = async (): Promise<void> => {
    if (state !== 'creating' && state !== 'deleting') {
      await store.changeVolume(volume, { ...volume.facts, state: 'deleting' })
    }
    await Promise.all((await runtimes()).map(ending))
  }
  await store.destroyVolume(volume, end())
}

/** Ends the server of a volume in whichever runtime has one, and removes what is left of it. */
export async function stopServers(context: Context, world: World, volume: Volume, seconds: number): Promise<void> {
  await requireRuntime(context, world, volume)
  const key = keyOf(volume)
  const all = await context.runtimes()
  await Promise.all(all.map(runtime => runtime.stop({ key }, seconds)))
}

/** Of a runtime that cannot be asked nobody knows whether a server runs. Rejects with why it cannot. */
export async function requireRuntime(context: Context, world: World, { project }: Ref): Promise<void> {
  const kind = world.projects.get(project)?.runtime
  if (kind !== undefined) await context.runtime(kind)
}
