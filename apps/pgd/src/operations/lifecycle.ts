import type { BranchView, CallOptions } from '../api.ts'
import type { Context } from '../context.ts'
import type { ProjectFacts } from '../facts/model.ts'
import { parseRef, type Ref, showRef } from '../names/ref.ts'
import { isPasswordPending, settlePassword } from '../serve/password.ts'
import { prepare, start } from '../serve/serve.ts'
import type { Volume } from '../store/store.ts'
import { findBranch, findProject, findReady } from '../world/find.ts'
import { viewBranch } from '../world/view.ts'
import { serverOf, type World } from '../world/world.ts'
import type { Ready } from './data.ts'
import { requireRuntime, stopServers } from './discard.ts'
import { holding } from './hold.ts'
import { look } from './look.ts'
import { withPort } from './port.ts'
import { type Call, calling } from './step.ts'

/** Seconds that a server may take to end its sessions and write what it has in memory. */
const patience = 60

/** Starts the server of a branch, and mounts its data where they are not; nothing when it runs. */
export const startBranch = (context: Context, name: string, options: CallOptions = {}): Promise<BranchView> =>
  changing(context, name, 'branch start', options, async (call, world, branch) => {
    if (serverOf(branch)?.state !== 'running') await serve(context, call, world, branch.current)
  })

/** Ends the server of a branch; its data stay. Nothing when it does not run. */
export const stopBranch = (context: Context, name: string, options: CallOptions = {}): Promise<BranchView> =>
  changing(context, name, 'branch stop', options, async (call, world, branch) => {
    call.step('Stopping the server')
    await requireRuntime(context, world, branch)
    await context.store.changeVolume(branch.current, { ...branch.current.facts, wanted: 'stopped' })
    await stopServers(context, world, branch.current, patience)
  })

/** Ends the server of a branch and starts it again, perhaps with another port. */
export const restartBranch = (
  context: Context,
  name: string,
  options: CallOptions & { readonly port?: number } = {},
): Promise<BranchView> =>
  changing(context, name, 'branch restart', options, async (call, world, branch) => {
    call.step('Stopping the server')
    await stopServers(context, world, branch.current, patience)
    if (options.port === undefined) return serve(context, call, world, branch.current)
    await withPort(context, branch, options.port, call, async port => {
      const facts = { ...branch.current.facts, port }
      await serve(context, call, world, await context.store.changeVolume(branch.current, facts))
    })
  })

/** Mounts a volume where it is not, and starts its server. */
export async function serve(context: Context, call: Call, world: World, volume: Volume): Promise<void> {
  const { facts } = findProject(world, volume.project)
  const wanted: Volume =
    volume.facts.wanted === 'running'
      ? volume
      : await context.store.changeVolume(volume, { ...volume.facts, wanted: 'running' })
  const mounted = wanted.isMounted ? wanted : await context.store.mount(wanted)
  call.step('Starting the server')
  await startServer(context, call, facts, mounted)
}

async function startServer(context: Context, call: Call, project: ProjectFacts, volume: Volume): Promise<void> {
  const runtime = await context.runtime(project.runtime)
  const session = await start(await prepare(runtime, project, volume), volume, call, volume.facts.port)
  try {
    if (isPasswordPending(volume.path)) await settlePassword(volume.path, session)
  } finally {
    await session.end()
  }
}

type Work<T> = (call: Call, world: World, branch: Ready) => Promise<T>

/** Changes one branch that is complete, and shows it afterwards. */
export const changing = (
  context: Context,
  name: string,
  operation: string,
  options: CallOptions,
  work: Work<unknown>,
): Promise<BranchView> =>
  changingTo(context, name, operation, options, async (...all) => {
    await work(...all)
    return undefined
  })

/** The same; what became of it is asked only where `work` does not tell. */
export const changingTo = (
  context: Context,
  name: string,
  operation: string,
  options: CallOptions,
  work: Work<World | undefined>,
): Promise<BranchView> =>
  calling(options, async call => {
    const ref = await refOf(context, name)
    const told = await holding(context, call, operation, { change: [ref] }, async world =>
      work(call, world, findReady(world, showRef(ref))),
    )
    const world = told ?? (await look(context, ref.project))
    return viewBranch(world, findBranch(world, showRef(ref)))
  })

/** What a name means, which need not be there; a short id is looked up, and rejected when nothing has it. */
export async function refOf(context: Context, name: string, field = 'branch'): Promise<Ref> {
  if (name.includes('/')) return parseRef(name, field)
  const { project, branch } = findBranch(await look(context), name, field)
  return { project, branch }
}
