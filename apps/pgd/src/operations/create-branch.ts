import type { BranchView, CreateBranch } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts, VolumeFacts } from '../facts/model.ts'
import { holderOf, thisProcess } from '../locks/holder.ts'
import { newId, parseIdPrefix } from '../names/id.ts'
import { parseLabel } from '../names/label.ts'
import { parseRef, type Ref, showRef } from '../names/ref.ts'
import { connectEarly, type Early } from '../postgres/early.ts'
import { layoutBelow } from '../serve/layout.ts'
import type { Volume, VolumeName } from '../store/store.ts'
import { findBranch, findProject, findReady, isReady } from '../world/find.ts'
import { viewBranch } from '../world/view.ts'
import { replaceBranch, serving } from '../world/world.ts'
import { type Origin, originOf, type Ready, takeData } from './data.ts'
import { fill } from './fill.ts'
import { holding } from './hold.ts'
import { look } from './look.ts'
import { withEarlyPort } from './port.ts'
import { type Call, calling } from './step.ts'
import { undoing } from './undo.ts'

/** Makes a branch with the data of another one: as they are now, as they were, or as a snapshot kept them. */
export const createBranch = (context: Context, name: string, options: CreateBranch = {}): Promise<BranchView> =>
  calling(options, async call => {
    const ref = parseRef(name)
    if (options.label !== undefined) parseLabel(options.label)
    if (options.snapshot !== undefined) parseIdPrefix(options.snapshot, 'snapshot')
    const parentRef = await parentOf(context, ref, options.parent)
    const early = greet(context, call, parentRef, options)
    const claim = { change: [ref], keep: [parentRef] }
    try {
      const world = await withEarlyPort(context, ref, options.port, call, portAmong =>
        holding(context, call, 'branch create', claim, async world => {
          const { facts: project } = findProject(world, ref.project)
          const existing = world.branches.find(branch => showRef(branch) === showRef(ref))
          if (existing !== undefined && isReady(existing) && options.ifNotExists) return world
          if (existing !== undefined)
            throw new PgdError('PGD_EXISTS', `The branch ${showRef(ref)} exists`, { field: 'branch' })
          const parent = findReady(world, showRef(parentRef), 'parent')
          const origin = { ...originOf(world, parent, options), early }
          const facts = factsOf(context, parent, await portAmong(world), options)
          const made = await make(context, call, project, { ...ref, generation: 1 }, facts, origin)
          return replaceBranch(world, [made], [serving(made)])
        }),
      )
      return viewBranch(world, findBranch(world, showRef(ref)))
    } finally {
      await early?.end()
    }
  })

/** Begins to connect to the parent, where the present is to be copied, while locks and the list are waited for. */
function greet({ store }: Context, { signal }: Call, parent: Ref, { at, snapshot }: CreateBranch): Early | undefined {
  if (at !== undefined || snapshot !== undefined) return undefined
  // Where those are served that were never reset, as most.
  return connectEarly({ run: layoutBelow(store.pathOf({ ...parent, generation: 1 })).run, signal })
}

async function make(
  context: Context,
  call: Call,
  project: ProjectFacts,
  at: VolumeName,
  facts: VolumeFacts,
  origin: Origin,
): Promise<Volume> {
  const runtime = await context.runtime(project.runtime)
  const place = { ...at, facts, path: context.store.pathOf(at) }
  return undoing(context, at, () =>
    fill(context, call, { runtime, project, place, inTurn: origin.kind === 'time' }, arrived =>
      takeData(context, call, runtime, project, origin, place, arrived),
    ),
  )
}

/** The parent by its name; a short id is looked up. It must be of the same project, whose images and keys they share. */
async function parentOf(context: Context, { project }: Ref, text = `${project}/main`): Promise<Ref> {
  const parent = text.includes('/') ? parseRef(text, 'parent') : findBranch(await look(context), text, 'parent')
  if (parent.project === project) return parent
  const message = `The parent ${showRef(parent)} is not of the project ${project}`
  throw new PgdError('PGD_INPUT_INVALID', message, { field: 'parent' })
}

function factsOf(context: Context, parent: Ready, port: number, options: CreateBranch): VolumeFacts {
  const { label, ttl, ephemeral } = options
  const memory = options.memory ?? parent.current.facts.memory
  const cpus = options.cpus ?? parent.current.facts.cpus
  const created = context.now()
  return {
    id: newId(),
    state: 'creating',
    created,
    port,
    wanted: 'running',
    parent: parent.id,
    dataTime: created,
    ...(label === undefined ? {} : { label: parseLabel(label) }),
    ...(ttl === undefined ? {} : { expires: created + ttl }),
    ...(ephemeral ? { holder: holderFor(ephemeral) } : {}),
    ...(memory === undefined ? {} : { memory }),
    ...(cpus === undefined ? {} : { cpus }),
  }
}

function holderFor(process: true | number): string {
  const holder = process === true ? thisProcess() : holderOf(process)
  if (holder !== undefined) return holder
  throw new PgdError('PGD_INPUT_INVALID', `ephemeral names no process: ${process}`, { field: 'ephemeral' })
}
