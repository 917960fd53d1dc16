import type { Context } from '../context.ts'
import type { Name } from '../names/name.ts'
import { type Ref, showRef } from '../names/ref.ts'
import type { World } from '../world/world.ts'
import { settle } from './discard.ts'
import { look } from './look.ts'
import type { Call } from './step.ts'

/** What an operation needs for itself, and what must only not change under it. */
export interface Claim {
  readonly change: readonly Ref[]
  readonly keep?: readonly Ref[]
  /** Milliseconds to wait for others; half a minute by default. */
  readonly wait?: number
}

const usualWait = 30_000

/**
 * Runs an operation on branches while nobody else changes them: others of the same project go on. What an earlier one
 * left unfinished in those that it changes is settled first; `before` is what there was until then.
 */
export async function holding<T>(
  context: Context,
  call: Call,
  operation: string,
  { change, keep = [], wait = usualWait }: Claim,
  work: (world: World, before: World) => Promise<T>,
): Promise<T> {
  const changed = new Set(change.map(showRef))
  const kept = new Set(keep.map(showRef).filter(name => !changed.has(name)))
  const projects = new Set([...change, ...keep].map(({ project }) => project))
  const wanted = [
    ...[...projects].map(name => ({ name: projectLock(name), mode: 'shared' as const })),
    ...[...changed].map(name => ({ name: branchLock(name), mode: 'exclusive' as const })),
    ...[...kept].map(name => ({ name: branchLock(name), mode: 'shared' as const })),
  ]
  return context.locks.hold(wanted, { operation, wait, signal: call.signal }, async () => {
    const world = await look(context, ...projects)
    const ours = world.branches.filter(branch => changed.has(showRef(branch)))
    let isSame = true
    for (const branch of ours) if (await settle(context, world, branch)) isSame = false
    return work(isSame ? world : await look(context, ...projects), world)
  })
}

/** Runs an operation on a whole project while nobody changes anything in it. */
export const holdingProject = <T>(
  context: Context,
  call: Call,
  operation: string,
  project: Name,
  work: (world: World) => Promise<T>,
): Promise<T> =>
  context.locks.hold(
    [{ name: projectLock(project), mode: 'exclusive' }],
    { operation, wait: usualWait, signal: call.signal },
    async () => work(await look(context, project)),
  )

/** Names of locks; a project's sorts before those of its branches, and all are taken in the order of names. */
const projectLock = (project: string): string => project
const branchLock = (ref: string): string => ref
