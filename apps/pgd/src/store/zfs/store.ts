import { PgdError } from '../../errors/error.ts'
import type { SnapshotFacts } from '../../facts/model.ts'
import { parseProject, renderProject } from '../../facts/project.ts'
import { renderSnapshot } from '../../facts/snapshot.ts'
import { renderVolume } from '../../facts/volume.ts'
import { componentOf, type Frozen, type Store, type Volume, type VolumeName } from '../store.ts'
import { zfsAdopter } from './adopt.ts'
import { done, errorOf } from './failure.ts'
import { bytes, datasetOf, type Found } from './inventory.ts'
import { listAll } from './listing.ts'
import { volumeMaker } from './make.ts'
import { patiently } from './patiently.ts'
import { removal } from './removal.ts'
import type { Zfs } from './verbs.ts'
import { gone, title } from './words.ts'

/**
 * A store of datasets: BASE/PROJECT is never mounted, BASE/PROJECT/BRANCH is a volume. Names are unique and facts are set
 * with the creation, both by ZFS itself, so nothing here takes a lock.
 */
export function zfsStore(zfs: Zfs): Store {
  const { base, mountpoint } = zfs
  const projectOf = (name: string): string => `${base}/${name}`
  const pathOf = (at: VolumeName): string => `${mountpoint}/${at.project}/${componentOf(at)}`
  const list = (): Promise<Found> => listAll(zfs)
  const makeVolume = volumeMaker(zfs, list, pathOf)
  const { unmountNow, destroyNow } = removal(zfs)

  /** Takes a snapshot while the server is told, and finds out what it became. */
  const takeSnapshot = async (from: Volume, facts: SnapshotFacts, frozen: Frozen): Promise<string> => {
    const name = `${datasetOf(base, from)}@${facts.id}`
    await frozen(
      async () => void (await done(`Taking a snapshot of ${title(from)}`, zfs.snapshot(name, renderSnapshot(facts)))),
    )
    return name
  }

  const ofName = ({ names }: Found, guid: string): string | undefined => names.get(guid)

  return {
    kind: 'zfs',
    title: `zfs:${base}`,
    isAtomic: true,
    list,
    pathOf,
    hasProject: async name => {
      if (zfs.get === undefined) return (await list()).projects.some(project => project.name === name)
      const text = await done(`Asking for ${projectOf(name)}`, zfs.get(projectOf(name), 'pgd:project'), 'notFound')
      const [facts = '', source] = text.trimEnd().split('\t')
      return source === 'local' && parseProject(facts) !== undefined
    },
    createProject: async (name, facts) =>
      void (await done(`Making the project ${name}`, zfs.createProject(projectOf(name), renderProject(facts)))),
    changeProject: async (name, facts) =>
      void (await done(`Changing the project ${name}`, zfs.set(projectOf(name), 'pgd:project', renderProject(facts)))),
    destroyProject: async name => {
      const action = `Destroying the project ${name}`
      const found = await list()
      if (!found.projects.some(project => project.name === name)) return
      await destroyNow(action, projectOf(name))
    },
    createVolume: (at, facts) => {
      const action = `Making ${title(at)}`
      return makeVolume(action, at, facts, () => done(action, zfs.create(datasetOf(base, at), renderVolume(facts))))
    },
    cloneSnapshot: (snapshot, at, facts) => {
      const action = `Copying the snapshot ${snapshot.facts.id}`
      const make = async () => {
        const clone = (name: string) => zfs.clone(name, datasetOf(base, at), renderVolume(facts))
        const name = `${datasetOf(base, snapshot.of)}@${snapshot.facts.id}`
        const end = await clone(name)
        if (end.failure === undefined) return
        // A promotion may have moved it meanwhile.
        const now = ofName(await list(), snapshot.guid)
        if (now === undefined || now === name) throw errorOf(action, end.failure)
        await done(action, clone(now))
      }
      return makeVolume(action, at, facts, make, { isOf: volume => volume.origin === snapshot.guid })
    },
    copyVolume: async (from, snapshotFacts, at, facts, frozen, _signal, arrived) => {
      const action = `Copying ${title(from)}`
      const name = await takeSnapshot(from, snapshotFacts, frozen)
      try {
        const make = () => done(action, zfs.clone(name, datasetOf(base, at), renderVolume(facts)))
        const isOf = (made: Volume): boolean => made.origin !== undefined
        const volume = await makeVolume(action, at, facts, make, { isOf, arrived })
        const { project, branch, generation } = from
        const of = { project, branch, generation }
        return {
          volume,
          snapshot: { of, facts: snapshotFacts, guid: volume.origin ?? '', used: 0, clones: [volume.guid] },
        }
      } catch (error) {
        await destroyNow(action, name).catch(() => {})
        throw error
      }
    },
    snapshot: async (volume, facts, frozen) => {
      await takeSnapshot(volume, facts, frozen)
      const snapshot = (await list()).snapshots.find(one => one.facts.id === facts.id)
      if (snapshot === undefined) throw gone(`Taking a snapshot of ${title(volume)}`)
      return snapshot
    },
    changeVolume: async (volume, facts) => {
      await done(`Changing ${title(volume)}`, zfs.set(datasetOf(base, volume), 'pgd:volume', renderVolume(facts)))
      return { ...volume, facts }
    },
    changeSnapshot: async (snapshot, facts) => {
      const action = `Changing the snapshot ${snapshot.facts.id}`
      const text = renderSnapshot(facts)
      const name = `${datasetOf(base, snapshot.of)}@${snapshot.facts.id}`
      const end = await zfs.set(name, 'pgd:snapshot', text)
      if (end.failure === undefined) return
      const now = ofName(await list(), snapshot.guid)
      if (now === undefined || now === name) throw errorOf(action, end.failure)
      await done(action, zfs.set(now, 'pgd:snapshot', text))
    },
    mount: async volume => {
      await done(`Mounting ${title(volume)}`, zfs.mount(datasetOf(base, volume)), 'alreadyMounted')
      return { ...volume, isMounted: true }
    },
    unmount: async volume => {
      await unmountNow(datasetOf(base, volume))
      return { ...volume, isMounted: false }
    },
    renameVolume: async (volume, to) => {
      const [from, into] = [datasetOf(base, volume), datasetOf(base, to)]
      await unmountNow(from)
      await done(
        `Renaming ${title(volume)}`,
        patiently(() => zfs.rename(from, into)),
      )
      const { project, branch, generation } = to
      return { ...volume, project, branch, generation, path: pathOf(to), isMounted: false }
    },
    promote: async volume =>
      void (await done(
        `Promoting ${title(volume)}`,
        patiently(() => zfs.promote(datasetOf(base, volume))),
        'notClone',
      )),
    destroyVolume: async (volume, still) => {
      const action = `Destroying ${title(volume)}`
      const [found] = await Promise.all([list(), still])
      const dataset = ofName(found, volume.guid)
      if (dataset === undefined) return
      refuseDependents(action, found, dataset)
      await unmountNow(dataset)
      const own = [...found.rows.keys()].filter(name => name.startsWith(`${dataset}@`))
      for (const name of own) await destroyNow(action, name)
      await destroyNow(action, dataset)
      const origin = found.rows.get(dataset)?.values.get('origin')
      if (origin !== undefined) await dropOrigin(found, origin, volume.guid)
    },
    destroySnapshot: async snapshot => {
      const found = await list()
      const name = ofName(found, snapshot.guid)
      if (name !== undefined) await destroyNow(`Destroying the snapshot ${snapshot.facts.id}`, name)
    },
    adopter: zfsAdopter(zfs),
    space: async () => {
      const { base: row } = await list()
      if (row === undefined) throw gone(`Asking for the space of ${base}`)
      return { free: bytes(row, 'available'), total: bytes(row, 'available') + bytes(row, 'used') }
    },
  }

  /** A snapshot that was made for a branch goes with the last one that needs it. */
  async function dropOrigin(found: Found, name: string, guid: string): Promise<void> {
    const snapshot = found.snapshots.find(one => found.names.get(one.guid) === name)
    if (snapshot?.facts.kind !== 'branch' || snapshot.clones.some(clone => clone !== guid)) return
    // One that was cloned meanwhile stays, and goes with that clone.
    const action = `Destroying the snapshot ${snapshot.facts.id}`
    await done(action, zfs.destroy(name), 'hasDependents', 'notFound', 'refused')
  }
}

/** Nothing that hangs from a volume, lies in it, or was put into it by others goes with it. */
function refuseDependents(action: string, found: Found, dataset: string): void {
  const inside = [...found.rows.keys()].filter(name => name.startsWith(`${dataset}@`) || name.startsWith(`${dataset}/`))
  const ours = new Set(found.snapshots.map(({ guid }) => found.names.get(guid)))
  const foreign = inside.filter(name => !ours.has(name))
  if (foreign.length > 0) {
    throw new PgdError('PGD_FOREIGN', `${action} failed: pgd did not make ${foreign.slice(0, 5).join(', ')}`)
  }
  const clones = found.snapshots
    .filter(({ guid }) => inside.includes(found.names.get(guid) ?? ''))
    .flatMap(snapshot => snapshot.clones.map(guid => found.names.get(guid) ?? guid))
  if (clones.length > 0) {
    throw new PgdError('PGD_HAS_DEPENDENTS', `${action} failed: ${clones.slice(0, 5).join(', ')} were made from it`)
  }
}
