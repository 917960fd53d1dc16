import type { BranchState, BranchView, ProjectView, SnapshotView } from '../api.ts'
import type { ProjectFacts } from '../facts/model.ts'
import type { Name } from '../names/name.ts'
import { showRef } from '../names/ref.ts'
import type { Snapshot, Volume } from '../store/store.ts'
import { type Branch, keyOf, serverOf, type World } from './world.ts'

/** Where servers listen: this machine alone. */
export const host = '127.0.0.1'

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A branch as it is shown. */
export function viewBranch(world: World, branch: Branch): BranchView {
  const volume = branch.current ?? branch.volumes[0]
  if (volume === undefined) throw new TypeError('a branch without volumes')
  const { facts } = volume
  const parent = facts.parent && world.branches.find(({ id }) => id === facts.parent)
  const retired = branch.volumes.find(one => one.facts.state === 'retired')
  const first = branch.volumes.at(-1) ?? volume
  return {
    name: showRef(branch),
    id: branch.id,
    ...stateOf(world, branch),
    ...(parent ? { parent: showRef(parent) } : {}),
    created: instant(first.facts.created),
    dataTime: instant(facts.dataTime ?? facts.created),
    host,
    port: facts.port,
    isProtected: facts.isProtected ?? false,
    ...(facts.expires === undefined ? {} : { expires: instant(facts.expires) }),
    isEphemeral: facts.holder !== undefined,
    ...(facts.label === undefined ? {} : { label: facts.label }),
    generation: volume.generation,
    ...(retired?.facts.keptUntil === undefined
      ? {}
      : { undo: { generation: retired.generation, expires: instant(retired.facts.keptUntil) } }),
    used: branch.volumes.reduce((sum, { used }) => sum + used, 0),
    referenced: volume.referenced,
    ...(facts.memory === undefined ? {} : { memory: facts.memory }),
    ...(facts.cpus === undefined ? {} : { cpus: facts.cpus }),
  }
}

/** State of a branch from storage and runtime, and why. */
function stateOf(world: World, branch: Branch): { state: BranchState; reason?: string } {
  const { current } = branch
  if (current === undefined) {
    const isGoing = branch.volumes.some(({ facts }) => facts.state === 'deleting')
    return {
      state: 'unfinished',
      reason: isGoing ? 'being deleted, or that was interrupted' : 'being made, or that was interrupted',
    }
  }
  const kind = world.projects.get(branch.project)?.runtime
  if (kind !== undefined && !world.asked.has(kind)) {
    const what = kind === 'docker' ? 'the container engine' : 'PostgreSQL of this machine'
    return { state: 'failed', reason: `${what} cannot be asked` }
  }
  const server = serverOf(branch)
  const isWanted = current.facts.wanted === 'running'
  if (server !== undefined && server.state !== 'stopped') {
    return { state: server.state, ...(server.reason === undefined ? {} : { reason: server.reason }) }
  }
  if (!isWanted) return { state: 'stopped' }
  if (!current.isMounted) return { state: 'stopped', reason: 'not mounted, perhaps since the machine started' }
  return { state: 'stopped', reason: server?.reason ?? 'its server ended without being asked to' }
}

/** A project as it is shown. */
export function viewProject(world: World, name: Name, facts: ProjectFacts): ProjectView {
  const branches = world.branches.filter(({ project }) => project === name)
  return {
    name,
    id: facts.id,
    created: instant(facts.created),
    runtime: facts.runtime,
    ...(facts.image === undefined ? {} : { image: facts.image }),
    version: facts.version,
    branches: branches.length,
    running: branches.filter(branch => serverOf(branch)?.state === 'running').length,
    used: branches.flatMap(({ volumes }) => volumes).reduce((sum, { used }) => sum + used, 0),
  }
}

/** A snapshot as it is shown. */
export function viewSnapshot(world: World, snapshot: Snapshot): SnapshotView {
  const { facts, of, used } = snapshot
  const volumes = world.branches.flatMap(branch => branch.volumes)
  const hanging = volumes.filter(({ origin }) => origin === snapshot.guid)
  return {
    id: facts.id,
    branch: showRef(of),
    kind: facts.kind,
    ...(facts.label === undefined ? {} : { label: facts.label }),
    created: instant(facts.created),
    used,
    dependents: [...new Set(hanging.map(showVolume))],
  }
}

/** A volume for people: `shop/dev`, with its generation where it is not the only thing that the name means. */
export const showVolume = (volume: Volume): string =>
  volume.facts.state === 'retired' ? `${showRef(volume)} (replaced, ${keyOf(volume)})` : showRef(volume)
