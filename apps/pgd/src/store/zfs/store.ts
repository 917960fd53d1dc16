import { chmod } from 'node:fs/promises'
import { isPgdError, PgdError } from '../../errors/error.ts'
import type { SnapshotFacts, VolumeFacts } from '../../facts/model.ts'
import { parseProject, renderProject } from '../../facts/project.ts'
import { renderSnapshot } from '../../facts/snapshot.ts'
import { renderVolume } from '../../facts/volume.ts'
import { onFiles } from '../directory/failure.ts'
import { componentOf, type Frozen, type Store, type Volume, type VolumeName } from '../store.ts'
import { zfsAdopter } from './adopt.ts'
import { done, errorOf } from './failure.ts'
import { bytes, datasetOf, type Found } from './inventory.ts'
import { listAll } from './listing.ts'
import { patiently } from './patiently.ts'
import type { Zfs } from './verbs.ts'

/**
 * A store of datasets: BASE/PROJECT is never mounted, BASE/PROJECT/BRANCH is a volume. Names are unique and facts are set
 * with the creation, both by ZFS itself, so nothing here takes a lock.
 */
export function zfsStore(zfs: Zfs): Store {
  const { base, mountpoint } = zfs
  const projectOf = (name: string): string => `${base}/${name}`
  const pathOf = (at: VolumeName): string => `${mountpoint}/${at.project}/${componentOf(at)}`
  const list = (): Promise<Found> => listAll(zfs)

  /** Unmounts; what is just being closed gets a moment. */
  const unmountNow = (dataset: string): Promise<string> =>
    done(
      `Unmounting ${dataset}`,
      patiently(() => zfs.unmount(dataset)),
      'notMounted',
      'notFound',
    )
  const destroyNow = async (action: string, member: string): Promise<void> =>
    void (await done(
      action,
      patiently(() => zfs.destroy(member)),
      'notFound',
    ))

  /** Mounts what was just made and hands it over; takes it back when that fails. */
  const finish = async (action: string, at: VolumeName, facts: VolumeFacts, isEmpty: boolean): Promise<Volume> => {
    const dataset = datasetOf(base, at)
    // The listing does not wait for the mount, which it does not tell of anyway.
    const mounting = done(action, zfs.mount(dataset), 'alreadyMounted')
    const [found] = await Promise.all([list(), mounting])
    if (isEmpty) {
      await done(action, zfs.own(dataset))
      await onFiles(action, () => chmod(pathOf(at), 0o700))
    }
    const made = found.volumes.find(volume => datasetOf(base, volume) === dataset)
    if (made === undefined || made.facts.id !== facts.id) throw gone(action)
    return { ...made, isMounted: true }
  }

  /** Destroys a volume that was made here and could not be finished; one of another call has other facts. */
  const undo = async (at: VolumeName, facts: VolumeFacts): Promise<void> => {
    const dataset = datasetOf(base, at)
    const { rows } = await list()
    if (rows.get(dataset)?.own.get('pgd:volume') !== renderVolume(facts)) return
    await unmountNow(dataset)
    await destroyNow(`Undoing ${dataset}`, dataset)
  }

  /** Makes a volume as `make` does; whatever fails, nothing of it stays, as far as that can be. */
  const makeVolume = async (
    action: string,
    at: VolumeName,
    facts: VolumeFacts,
    make: () => Promise<unknown>,
    origin?: (volume: Volume) => boolean,
  ): Promise<Volume> => {
    try {
      await make()
      const volume = await finish(action, at, facts, origin === undefined)
      if (origin?.(volume) === false) throw gone(action)
      return volume
    } catch (error) {
      const isOthers = isPgdError(error) && error.code === 'PGD_EXISTS'
      if (!isOthers) await undo(at, facts).catch(() => {})
      throw await explained(error, at)
    }
  }

  /**
   * The broker does not say why it refuses: the name may be taken. zfs-fuse does not say why it could not make a directory
   * to mount at; a base without space is the reason.
   */
  const explained = async (error: unknown, at: VolumeName): Promise<unknown> => {
    if (isPgdError(error) && error.isRefused) {
      const isTaken = (await list()).volumes.some(one => datasetOf(base, one) === datasetOf(base, at))
      return isTaken ? new PgdError('PGD_EXISTS', `${title(at)} exists`, { cause: error }) : error
    }
    if (!isPgdError(error) || !/failed to create mountpoint/.test(error.stderr ?? '')) return error
    const { base: row } = await list()
    const isFull = row !== undefined && bytes(row, 'available') < leastSpace
    return isFull ? new PgdError('PGD_NO_SPACE', error.message, { cause: error }) : error
  }

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
      return makeVolume(action, at, facts, make, volume => volume.origin === snapshot.guid)
    },
    copyVolume: async (from, snapshotFacts, at, facts, frozen) => {
      const action = `Copying ${title(from)}`
      const name = await takeSnapshot(from, snapshotFacts, frozen)
      try {
        const make = () => done(action, zfs.clone(name, datasetOf(base, at), renderVolume(facts)))
        const volume = await makeVolume(action, at, facts, make, made => made.origin !== undefined)
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
      void (await done(`Promoting ${title(volume)}`, zfs.promote(datasetOf(base, volume)), 'notClone')),
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

/** Bytes that a directory needs, with what ZFS writes around it. */
const leastSpace = 256 * 1024

const title = ({ project, branch, generation }: VolumeName): string =>
  generation === 1 ? `${project}/${branch}` : `${project}/${branch} (generation ${generation})`

const gone = (action: string): PgdError =>
  new PgdError('PGD_NOT_FOUND', `${action} failed: somebody else has changed it meanwhile`)

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
