import { stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import type { AdoptProject, ProjectView } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts, VolumeFacts } from '../facts/model.ts'
import { type Id, newId } from '../names/id.ts'
import { type Name, parseName } from '../names/name.ts'
import { showRef } from '../names/ref.ts'
import { ensureConfiguration, isWorkedIn, readDataDirectory } from '../postgres/data-directory.ts'
import { newPassword } from '../postgres/scram.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { arrange, dataBelow } from '../serve/arrange.ts'
import { furnish } from '../serve/furnish.ts'
import { layoutBelow } from '../serve/layout.ts'
import { keepPassword } from '../serve/password.ts'
import type { Foreign, Foreigners } from '../store/adopt.ts'
import { onFiles } from '../store/directory/failure.ts'
import { findProject, findReady } from '../world/find.ts'
import { viewProject } from '../world/view.ts'
import type { World } from '../world/world.ts'
import { graceTime } from './discard.ts'
import { holdingProject } from './hold.ts'
import { serve } from './lifecycle.ts'
import { look } from './look.ts'
import { withPort } from './port.ts'
import { type Call, calling } from './step.ts'

/**
 * Makes a project of databases that lie in the storage and are not ours: each becomes a branch, with a port and a password
 * of its own. Nothing is copied, and nothing is taken back when a later step fails: what was adopted stays so, and a
 * second call goes on with the rest. All is looked at before anything is changed.
 */
export const adoptProject = (context: Context, name: string, options: AdoptProject = {}): Promise<ProjectView> =>
  calling(options, async call => {
    const project = parseName(name, 'project')
    await holdingProject(context, call, 'project adopt', project, async world => {
      call.step('Looking at what lies there')
      const found = await context.store.adopter.find(project)
      const volumes = refuseUnfit(world, project, found)
      const version = await versionOf(context, volumes, options.version)
      const facts = world.projects.get(project) ?? (await factsOf(context, call, options, version))
      if (facts.version !== version) {
        const message = `The data are of PostgreSQL ${version}, and the project ${project} of ${facts.version}`
        throw new PgdError('PGD_FOREIGN', message)
      }
      const runtime = await context.runtime(facts.runtime)
      if (!world.projects.has(project)) await context.store.adopter.project(project, facts)
      await adoptAll(context, call, runtime, volumes)
    })
    const world = await look(context, project)
    return viewProject(world, project, findProject(world, project).facts)
  })

/** What is to be adopted: the generations of one branch beside each other, the newest first. */
function refuseUnfit(world: World, project: Name, found: Foreigners | undefined): readonly Foreign[] {
  if (found === undefined) throw new PgdError('PGD_NOT_FOUND', `There is nothing below ${project} in the storage`)
  const { volumes, others, isOurs } = found
  if (others.length > 0) {
    const shown = others.slice(0, 5).map(one => escapeValue(one))
    throw new PgdError('PGD_FOREIGN', `These can be no branches: ${shown.join(', ')}`)
  }
  const taken = volumes.find(one => world.branches.some(branch => showRef(branch) === showRef(one)))
  if (taken !== undefined) throw new PgdError('PGD_EXISTS', `The branch ${showRef(taken)} exists`)
  if (volumes.length === 0) {
    throw new PgdError(isOurs ? 'PGD_EXISTS' : 'PGD_NOT_FOUND', `There is nothing to adopt in ${project}`)
  }
  const names = new Set([...volumes, ...world.branches.filter(one => one.project === project)].map(one => one.branch))
  if (!names.has('main' as Name)) {
    const message = `There is no ${project}/main`
    throw new PgdError('PGD_NOT_FOUND', message, { hint: 'Every project has one: give the first branch that name' })
  }
  return volumes.toSorted((a, b) => b.generation - a.generation)
}

/** Looks at all data; resolves to the version that they have in common. */
async function versionOf(context: Context, volumes: readonly Foreign[], wished: number | undefined): Promise<number> {
  const versions = new Set<number>(wished === undefined ? [] : [wished])
  for (const one of volumes) {
    const files = await context.store.adopter.reach(one)
    await refuseOthers(files, files)
    const data = await dataBelow(files)
    const found = data === undefined ? undefined : await readDataDirectory(data)
    if (data === undefined || found === undefined) {
      const message = `There are no data of PostgreSQL in ${showRef(one)} that this account can read`
      throw new PgdError('PGD_FOREIGN', message, { hint: handing(files) })
    }
    for (const path of [data, join(data, 'PG_VERSION'), join(data, 'global/pg_control')])
      await refuseOthers(files, path)
    if (await isWorkedIn(data)) throw new PgdError('PGD_FOREIGN', `A server runs on ${data}`, { hint: 'Stop it first' })
    versions.add(found.version)
  }
  const [version, ...more] = versions
  if (version !== undefined && more.length === 0) return version
  const all = [...versions].sort((a, b) => a - b).join(', ')
  throw new PgdError('PGD_FOREIGN', `A project is of one version of PostgreSQL, and these are of ${all}`)
}

/** A server runs as this account, and wants its files to be of it. */
async function refuseOthers(files: string, path: string): Promise<void> {
  if ((await stat(path)).uid === userInfo().uid) return
  throw new PgdError('PGD_REFUSED', `${path} does not belong to this account`, { hint: handing(files) })
}

/** How files become this account's. */
function handing(files: string): string {
  const { uid, gid } = userInfo()
  return `Files of another account are given to this one by root: chown -R ${uid}:${gid} ${files}`
}

async function factsOf(
  context: Context,
  call: Call,
  { runtime: kind, image }: AdoptProject,
  version: number,
): Promise<ProjectFacts> {
  const runtime = await context.runtime(kind ?? (image === undefined ? undefined : 'docker'))
  const wish = image === undefined ? { version } : { image, version }
  const resolved = await runtime.resolve(wish, call.signal, words => call.signal.aborted || call.step(words))
  return { id: newId(), created: context.now(), runtime: runtime.kind, ...resolved }
}

async function adoptAll(context: Context, call: Call, runtime: Runtime, volumes: readonly Foreign[]): Promise<void> {
  const ids = new Map<string, Id>()
  const newest: Foreign[] = []
  for (const one of volumes) {
    const isNewest = !ids.has(showRef(one))
    const id = ids.get(showRef(one)) ?? newId()
    ids.set(showRef(one), id)
    if (isNewest) newest.push(one)
    call.step(`Adopting ${showRef(one)}`)
    await withPort(context, one, undefined, call, port => {
      const created = context.now()
      const facts = { id, state: 'ready', created, port, wanted: 'running' } as const
      const retired = { ...facts, state: 'retired', keptUntil: created + graceTime } as const
      return adopt(context, runtime, one, isNewest ? facts : retired)
    })
  }
  for (const one of newest) {
    const world = await look(context, one.project)
    await serve(context, call, world, findReady(world, showRef(one)).current)
  }
}

/** The facts come last: before them it is not ours, and everything can be done again. */
const adopt = (context: Context, runtime: Runtime, foreign: Foreign, facts: VolumeFacts): Promise<void> =>
  onFiles(`Adopting ${showRef(foreign)}`, async () => {
    const { store } = context
    await store.adopter.place(foreign)
    await arrange(foreign.path)
    await ensureConfiguration(layoutBelow(foreign.path).data)
    await furnish(context, runtime, foreign.path)
    await keepPassword(foreign.path, newPassword())
    const volume = await store.adopter.volume(foreign, facts)
    if (facts.state === 'retired') await store.unmount(volume)
  })
