import { mkdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { VolumeFacts } from '../../facts/model.ts'
import { parseProject, renderProject } from '../../facts/project.ts'
import { renderSnapshot } from '../../facts/snapshot.ts'
import { parseVolume, renderVolume } from '../../facts/volume.ts'
import { newId } from '../../names/id.ts'
import type { Store, Volume, VolumeName } from '../store.ts'
import { directoryAdopter } from './adopt.ts'
import { copySnapshotFiles, copyVolumeFiles } from './copy.ts'
import { onFiles } from './failure.ts'
import { entryOf, filesName, snapshotOf, snapshotsName } from './layout.ts'
import { listStore, volumeAt } from './list.ts'
import * as place from './place.ts'
import { moveDirectory, writeRecord } from './record.ts'
import { sweepScratch, withScratch } from './scratch.ts'

/**
 * A store of plain directories below `root`, which is made when it lacks and belongs to this account alone. Whatever is
 * made is made aside and moved into place, so that it is there whole or not at all; copies are independent of each other.
 */
export function openDirectoryStore(root: string): Store {
  /** Makes a directory with a record in scratch, fills it, and moves it into place. */
  const make = (to: string, title: string, text: string, fill: (made: string) => Promise<void>): Promise<string> =>
    withScratch(root, async scratch => {
      const [made, guid] = [join(scratch, 'made'), newId()]
      await mkdir(made, { mode: 0o700 })
      await fill(made)
      await writeRecord(made, text, guid, scratch)
      await place.moveInto(made, to, title)
      return guid
    })
  /** Moves a directory into scratch, where it is removed. */
  const remove = (directory: string): Promise<void> =>
    withScratch(root, scratch => moveDirectory(directory, join(scratch, 'removed'), dirname(directory)))
  const rewrite = (directory: string, text: string, guid: string): Promise<void> =>
    withScratch(root, scratch => writeRecord(directory, text, guid, scratch))

  const makeVolume = async (
    at: VolumeName,
    facts: VolumeFacts,
    fill: (files: string) => Promise<void>,
  ): Promise<Volume> => {
    await place.ofProject(root, at.project)
    const entry = entryOf(root, at)
    await place.refuseTaken(entry, place.showVolume(at), parseVolume)
    const guid = await make(entry, place.showVolume(at), renderVolume(facts), async made => {
      await mkdir(join(made, snapshotsName), { mode: 0o700 })
      await fill(join(made, filesName))
    })
    return volumeAt(at, entry, { facts, guid }, false)
  }

  return {
    kind: 'directory',
    title: `directory:${root}`,
    isAtomic: false,
    list: ({ sizes = false } = {}) => onFiles(`Listing ${root}`, () => listStore(root, sizes)),
    pathOf: at => join(entryOf(root, at), filesName),
    createProject: (name, facts) =>
      onFiles(`Making the project ${name}`, async () => {
        await place.refuseTaken(join(root, name), name, parseProject)
        await make(join(root, name), name, renderProject(facts), async () => {})
      }),
    changeProject: (name, facts) =>
      onFiles(`Changing the project ${name}`, async () => {
        const { guid } = await place.ofProject(root, name)
        await rewrite(join(root, name), renderProject(facts), guid)
      }),
    destroyProject: name =>
      onFiles(`Destroying the project ${name}`, async () => {
        await place.ofProject(root, name)
        await place.refuseFull(join(root, name), name)
        await withScratch(root, async scratch => {
          const removed = join(scratch, 'removed')
          await moveDirectory(join(root, name), removed, root)
          // Something may have come into it just before.
          await place.refuseFull(removed, name).catch(async error => {
            await moveDirectory(removed, join(root, name), root)
            throw error
          })
        })
      }),
    createVolume: (at, facts) =>
      onFiles(`Making ${place.showVolume(at)}`, () =>
        makeVolume(at, facts, async files => void (await mkdir(files, { mode: 0o700 }))),
      ),
    cloneSnapshot: (snapshot, at, facts, signal) =>
      onFiles(`Copying the snapshot ${snapshot.facts.id}`, async () => {
        const from = join(await place.ofSnapshot(root, snapshot), filesName)
        return makeVolume(at, facts, files => copySnapshotFiles(from, files, signal))
      }),
    copyVolume: (from, _snapshot, at, facts, frozen, signal) =>
      onFiles(`Copying ${place.showVolume(from)}`, async () => {
        await place.ofVolume(root, from)
        return { volume: await makeVolume(at, facts, files => copyVolumeFiles(from.path, files, frozen, signal)) }
      }),
    snapshot: (volume, facts, frozen, signal) =>
      onFiles(`Copying ${place.showVolume(volume)}`, async () => {
        await place.ofVolume(root, volume)
        const to = snapshotOf(root, volume, facts.id)
        const guid = await make(to, `The snapshot ${facts.id}`, renderSnapshot(facts), made =>
          copyVolumeFiles(volume.path, join(made, filesName), frozen, signal),
        )
        const { project, branch, generation } = volume
        return { of: { project, branch, generation }, facts, guid, used: 0, clones: [] }
      }),
    changeVolume: (volume, facts) =>
      onFiles(`Changing ${place.showVolume(volume)}`, async () => {
        await rewrite(await place.ofVolume(root, volume), renderVolume(facts), volume.guid)
        return { ...volume, facts }
      }),
    changeSnapshot: (snapshot, facts) =>
      onFiles(`Changing the snapshot ${snapshot.facts.id}`, async () =>
        rewrite(await place.ofSnapshot(root, snapshot), renderSnapshot(facts), snapshot.guid),
      ),
    mount: async volume => volume,
    unmount: async volume => volume,
    renameVolume: (volume, to) =>
      onFiles(`Renaming ${place.showVolume(volume)}`, async () => {
        const from = await place.ofVolume(root, volume)
        await place.ofProject(root, to.project)
        await place.refuseTaken(entryOf(root, to), place.showVolume(to), parseVolume)
        await place.moveInto(from, entryOf(root, to), place.showVolume(to))
        return volumeAt(to, entryOf(root, to), volume, false)
      }),
    promote: async () => {},
    destroyVolume: (volume, still) =>
      onFiles(`Destroying ${place.showVolume(volume)}`, async () => {
        await still
        const directory = await place.ofVolume(root, volume)
        await place.refuseForeign(directory)
        await remove(directory)
      }),
    destroySnapshot: snapshot =>
      onFiles(`Destroying the snapshot ${snapshot.facts.id}`, async () =>
        remove(await place.ofSnapshot(root, snapshot)),
      ),
    adopter: directoryAdopter(root),
    space: () =>
      onFiles(`Asking for the space of ${root}`, async () => {
        const { bavail, blocks, bsize } = await statfs(await place.nearest(root))
        return { free: bavail * bsize, total: blocks * bsize }
      }),
    sweep: () => onFiles(`Removing what was left in ${root}`, () => sweepScratch(root)),
  }
}
