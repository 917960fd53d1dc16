import { readFile } from 'node:fs/promises'
import type { BranchView, CallOptions } from '../api.ts'
import type { Context } from '../context.ts'
import { isPgdError, PgdError } from '../errors/error.ts'
import { showRef } from '../names/ref.ts'
import { passwordFile } from '../serve/layout.ts'
import type { Volume } from '../store/store.ts'
import { together } from '../together.ts'
import { findProject, isReady } from '../world/find.ts'
import { dependentsOf, replaceBranch, serverOf, serving, type World } from '../world/world.ts'
import { originOf, type Ready, takeData } from './data.ts'
import { discard, retire, stopServers } from './discard.ts'
import { fill } from './fill.ts'
import { changing, changingTo, serve } from './lifecycle.ts'
import type { Call } from './step.ts'
import { undoing } from './undo.ts'

/** Seconds that the replaced server may take to end. */
const patience = 10

/**
 * Gives a branch its parent's present data. They are copied beside the old ones; the branch is the new ones as soon as a
 * server has answered a query from them, with one write. Port, password and address stay, and the old data are kept for a day.
 */
export const resetBranch = (
  context: Context,
  name: string,
  options: CallOptions & { readonly at?: number; readonly snapshot?: string } = {},
): Promise<BranchView> =>
  changingTo(context, name, 'branch reset', options, async (call, world, branch) => {
    refuseProtected(branch)
    const parent = parentOf(world, branch)
    const { current } = branch
    const { facts: project } = findProject(world, branch.project)
    const runtime = await context.runtime(project.runtime)
    const origin = originOf(world, parent, options)
    const generation = Math.max(...branch.volumes.map(volume => volume.generation)) + 1
    const { project: of, branch: component } = branch
    const at = { project: of, branch: component, generation }
    const now = context.now()
    const facts = { ...current.facts, state: 'creating', created: now, dataTime: now, wanted: 'running' } as const
    const place = { ...at, facts, path: context.store.pathOf(at) }
    const mounted = current.isMounted ? current : await context.store.mount(current)
    const password = (await readFile(passwordFile(mounted.path), 'utf8')).trim()
    let isStopped = false
    const made = await undoing(context, branch, () =>
      fill(
        context,
        call,
        {
          runtime,
          project,
          place,
          password,
          inTurn: origin.kind === 'time',
          beforeStart: () => {
            isStopped = serverOf(branch)?.state === 'running'
            return stopServers(context, world, current, patience)
          },
        },
        arrived => takeData(context, call, runtime, project, origin, place, arrived),
      ),
    ).catch(async error => {
      if (isStopped) await startAgain(context, world, mounted, error)
      throw error
    })
    call.step('Keeping the old data for a day')
    const old = await together([
      retire(context, world, mounted),
      ...retiredOf(branch).map(each => dropUnlessNeeded(context, world, each)),
    ])
    return replaceBranch(world, [made, ...old.flatMap(volume => volume ?? [])], [serving(made)])
  })

/** Takes back the last reset of a branch: its old data are the branch again, and the new ones are kept for a day. */
export const undoReset = (context: Context, name: string, options: CallOptions = {}): Promise<BranchView> =>
  changing(context, name, 'branch reset', options, async (call, world, branch) => {
    refuseProtected(branch)
    const [old] = retiredOf(branch)
    if (old === undefined) {
      throw new PgdError('PGD_NOT_FOUND', `${showRef(branch)} has no data from before a reset`, { field: 'branch' })
    }
    const { keptUntil: _, ...facts } = old.facts
    const mounted = await context.store.mount(old)
    await stopServers(context, world, branch.current, patience)
    try {
      await serve(context, call, world, mounted)
    } catch (error) {
      await stopServers(context, world, old, 0)
      await serve(context, call, world, branch.current)
      throw error
    }
    // While both are ready the newer one is the branch; what makes it the older is one write.
    await context.store.changeVolume(mounted, { ...facts, state: 'ready', wanted: 'running' })
    await retire(context, world, branch.current)
  })

const retiredOf = ({ volumes }: Ready): Volume[] => volumes.filter(({ facts }) => facts.state === 'retired')

/** Starts the server that a reset had ended, and which then failed; also when it failed because it was interrupted. */
async function startAgain(context: Context, world: World, volume: Volume, reason: unknown): Promise<void> {
  const call: Call = { signal: new AbortController().signal, step: () => {} }
  try {
    await serve(context, call, world, volume)
  } catch (cause) {
    const words = reason instanceof Error ? reason.message : String(reason)
    const message = `${words}; and the server with the old data could not be started again`
    const errors = new AggregateError([reason, cause], message)
    const code = isPgdError(cause) && cause.isUnavailable ? cause.code : 'PGD_SERVER_FAILED'
    throw new PgdError(code, message, { cause: errors, hint: `Start it: pgd branch start ${showRef(volume)}` })
  }
}

/** What other branches were made from stays, and is given back. */
async function dropUnlessNeeded(context: Context, world: World, volume: Volume): Promise<Volume | undefined> {
  if (dependentsOf(world, [volume]).length > 0) return volume
  await discard(context, world, volume)
  return undefined
}

/** Rejects with `PGD_PROTECTED`. */
export function refuseProtected(branch: Ready): void {
  if (branch.current.facts.isProtected) throw new PgdError('PGD_PROTECTED', `${showRef(branch)} is protected`)
}

function parentOf(world: World, branch: Ready): Ready {
  const { parent: id } = branch.current.facts
  const parent = id === undefined ? undefined : world.branches.find(one => one.id === id)
  if (parent !== undefined && isReady(parent)) return parent
  const why = id === undefined ? 'was made from no other branch' : 'was made from a branch that is gone'
  throw new PgdError('PGD_NOT_FOUND', `${showRef(branch)} ${why}, so there is nothing to reset it to`, {
    field: 'branch',
  })
}
