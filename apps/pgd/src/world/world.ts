import type { ProjectFacts, RuntimeKind } from '../facts/model.ts'
import type { Id } from '../names/id.ts'
import type { Name } from '../names/name.ts'
import type { Ref } from '../names/ref.ts'
import type { Server } from '../runtime/runtime.ts'
import type { Inventory, Snapshot, Volume } from '../store/store.ts'

/** A branch: its volumes, of which the newest that is ready is the current one, and its server. */
export interface Branch extends Ref {
  readonly id: Id
  /** Undefined for one that is being made, was never finished, or is on its way out. */
  readonly current?: Volume
  /** All generations, the newest first. */
  readonly volumes: readonly Volume[]
  /** Servers of any of its generations. */
  readonly servers: readonly Server[]
}

/** What storage and runtimes say, put together: nothing in it comes from a file of ours. */
export interface World {
  readonly projects: ReadonlyMap<Name, ProjectFacts>
  readonly branches: readonly Branch[]
  readonly snapshots: readonly Snapshot[]
  /** Servers whose branch is not there any more. */
  readonly strays: readonly Server[]
  readonly foreign: readonly string[]
  /** Names of what an interrupted call left in the storage, and no volume is made of. */
  readonly leftovers: readonly string[]
  /** Kinds of runtimes that could be asked; of the servers of others nothing is known. */
  readonly asked: ReadonlySet<RuntimeKind>
}

/** Names a server: the branch by its id, which a new name does not change, and the generation. */
export const keyOf = ({ facts, generation }: Pick<Volume, 'facts' | 'generation'>): string =>
  `${facts.id}.${generation}`

/** Puts together what storage and runtimes said. */
export function worldOf(
  inventory: Inventory,
  servers: readonly Server[],
  asked: readonly RuntimeKind[] = ['docker', 'process'],
): World {
  const groups = Map.groupBy(inventory.volumes, ({ project, branch }) => `${project}/${branch}`)
  const branches = [...groups.values()].map(group => branchOf(group, servers))
  const known = new Set(branches.flatMap(branch => branch.servers))
  return {
    projects: new Map(inventory.projects.map(({ name, facts }) => [name, facts])),
    branches: branches.sort(byName),
    snapshots: inventory.snapshots,
    strays: servers.filter(server => !known.has(server)),
    foreign: inventory.foreign,
    leftovers: inventory.leftovers ?? [],
    asked: new Set(asked),
  }
}

/** The same with other volumes and servers of one branch, which an operation knows without asking again. */
export function replaceBranch(world: World, volumes: readonly Volume[], servers: readonly Server[]): World {
  const branch = branchOf(volumes, servers)
  const others = world.branches.filter(one => one.project !== branch.project || one.branch !== branch.branch)
  return { ...world, branches: [...others, branch].sort(byName) }
}

function branchOf(group: readonly Volume[], servers: readonly Server[]): Branch {
  const volumes = group.toSorted((a, b) => b.generation - a.generation)
  const [newest] = volumes
  if (newest === undefined) throw new TypeError('a branch without volumes')
  const current = volumes.find(({ facts }) => facts.state === 'ready')
  const { id } = (current ?? newest).facts
  const keys = new Set(volumes.map(keyOf))
  return {
    project: newest.project,
    branch: newest.branch,
    id,
    ...(current === undefined ? {} : { current }),
    volumes,
    servers: servers.filter(({ key }) => keys.has(key)),
  }
}

const byName = (a: Branch, b: Branch): number =>
  a.project === b.project ? compare(a.branch, b.branch) : compare(a.project, b.project)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The server of a volume that has just answered a query. */
export const serving = (volume: Volume): Server => ({ key: keyOf(volume), state: 'running', port: volume.facts.port })

/** The server of the current volume. */
export const serverOf = ({ current, servers }: Branch): Server | undefined =>
  current && servers.find(({ key }) => key === keyOf(current))

/** Branches that were made from this one, as far as facts say. */
export const childrenOf = (world: World, id: Id): Branch[] =>
  world.branches.filter(({ current, volumes }) => (current ?? volumes[0])?.facts.parent === id)

/** Volumes that hang from any of these. */
export function dependentsOf(world: World, volumes: readonly Volume[]): Volume[] {
  const own = new Set(volumes.map(({ guid }) => guid))
  const places = new Set(volumes.map(placeOf))
  const origins = new Set(world.snapshots.filter(({ of }) => places.has(placeOf(of))).map(({ guid }) => guid))
  const all = world.branches.flatMap(branch => branch.volumes)
  return all.filter(({ guid, origin }) => !own.has(guid) && origin !== undefined && origins.has(origin))
}

const placeOf = ({ project, branch, generation }: Pick<Volume, 'project' | 'branch' | 'generation'>): string =>
  `${project}/${branch}/${generation}`

/** Snapshots of a branch: those of its current volume, the newest first. */
export function snapshotsOf(world: World, { current }: Branch): Snapshot[] {
  if (current === undefined) return []
  const own = world.snapshots.filter(({ of }) => placeOf(of) === placeOf(current))
  return own.sort((a, b) => b.facts.created - a.facts.created)
}

/** Ports that are taken for good. */
export const portsOf = (world: World): Set<number> =>
  new Set(world.branches.flatMap(({ volumes }) => volumes.map(({ facts }) => facts.port)))
