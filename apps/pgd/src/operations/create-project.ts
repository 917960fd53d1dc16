import type { CreateProject, ProjectView } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts, VolumeFacts } from '../facts/model.ts'
import { newId } from '../names/id.ts'
import { parseImage } from '../names/image.ts'
import { type Name, parseName } from '../names/name.ts'
import { initdbArgv } from '../postgres/initdb.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { kindOf } from '../serve/serve.ts'
import type { Volume } from '../store/store.ts'
import { findProject } from '../world/find.ts'
import { viewProject } from '../world/view.ts'
import type { World } from '../world/world.ts'
import { fill } from './fill.ts'
import { holdingProject } from './hold.ts'
import { look } from './look.ts'
import { withPort } from './port.ts'
import { run } from './run.ts'
import { type Call, calling } from './step.ts'
import { undoing } from './undo.ts'

/** Does something with the volume of a project's first branch. */
export type Work = (call: Call, runtime: Runtime, project: ProjectFacts, volume: Volume) => Promise<void>

/** How the first branch of a project gets its data. */
export interface FirstData {
  /** Puts a data directory into an empty volume; an empty database by default. */
  readonly fill?: Work
  /** Puts data into the server that runs on it. */
  readonly load?: Work
}

/** Makes a project with its first branch, `main`: an empty database, or what `firstData` puts there. */
export const createProject = (
  context: Context,
  name: string,
  options: CreateProject = {},
  firstData: FirstData = {},
): Promise<ProjectView> =>
  calling(options, async call => {
    const project = parseName(name, 'project')
    if (options.image !== undefined) parseImage(options.image)
    await holdingProject(context, call, 'project create', project, async world => {
      const existing = world.branches.find(one => one.project === project && one.branch === 'main')
      if (world.projects.has(project)) {
        if (options.ifNotExists && existing?.current !== undefined) return
        if (hasBranches(world, project)) {
          throw new PgdError('PGD_EXISTS', `The project ${project} exists`, { field: 'project' })
        }
      }
      call.step('Looking for PostgreSQL')
      const runtime = await runtimeFor(context, options)
      const kind = await runtime.resolve(
        {
          ...(options.image === undefined ? {} : { image: options.image }),
          ...(options.version === undefined ? {} : { version: options.version }),
        },
        call.signal,
        // The engine's answer is no place to end a call.
        words => call.signal.aborted || call.step(words),
      )
      const facts: ProjectFacts = { id: newId(), created: context.now(), runtime: runtime.kind, ...kind }
      // One that was left without branches is taken over: its making was interrupted.
      if (world.projects.has(project)) await context.store.changeProject(project, facts)
      else await context.store.createProject(project, facts)
      try {
        await createMain(context, call, runtime, project, facts, options, firstData)
      } catch (error) {
        await context.store.destroyProject(project)
        throw error
      }
    })
    const world = await look(context, project)
    return viewProject(world, project, findProject(world, project).facts)
  })

const hasBranches = (world: World, name: Name): boolean => world.branches.some(({ project }) => project === name)

/** The one that was asked for, which an image does too; else what this machine has. */
const runtimeFor = (context: Context, { runtime, image }: CreateProject): Promise<Runtime> =>
  context.runtime(runtime ?? (image === undefined ? undefined : 'docker'))

async function createMain(
  context: Context,
  call: Call,
  runtime: Runtime,
  project: Name,
  projectFacts: ProjectFacts,
  { memory, cpus }: CreateProject,
  { fill: put = emptyDatabase, load }: FirstData,
): Promise<void> {
  const ref = { project, branch: parseName('main', 'branch') }
  await withPort(context, ref, undefined, call, async port => {
    const created = context.now()
    const facts: VolumeFacts = {
      id: newId(),
      state: 'creating',
      created,
      port,
      wanted: 'running',
      ...(memory === undefined ? {} : { memory }),
      ...(cpus === undefined ? {} : { cpus }),
    }
    const at = { ...ref, generation: 1 }
    const place = { ...at, facts, path: context.store.pathOf(at) }
    const loading = load ? { load: (volume: Volume) => load(call, runtime, projectFacts, volume) } : {}
    await undoing(context, ref, () =>
      fill(context, call, { runtime, project: projectFacts, place, inTurn: true, ...loading }, async () => {
        const volume = await context.store.createVolume(at, facts)
        await put(call, runtime, projectFacts, volume)
        return { volume }
      }),
    )
  })
}

const emptyDatabase: Work = async (call, runtime, project, { path }) => {
  call.step('Making an empty database')
  const layout = runtime.layoutOf(path)
  await run(runtime, {
    argv: initdbArgv(layout, project.version),
    kind: kindOf(project),
    volume: path,
    signal: call.signal,
  })
}
