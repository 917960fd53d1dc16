import { lstat, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { PgdError } from '../../errors/error.ts'
import { parseProject, renderProject } from '../../facts/project.ts'
import { parseVolume, renderVolume } from '../../facts/volume.ts'
import { newId } from '../../names/id.ts'
import type { Adopter, Foreign } from '../adopt.ts'
import { readComponent } from '../store.ts'
import { ifThere, onFiles } from './failure.ts'
import { entryOf, filesName, recordName, snapshotsName } from './layout.ts'
import { volumeAt } from './list.ts'
import { showVolume } from './place.ts'
import { readRecord, writeRecord } from './record.ts'
import { withScratch } from './scratch.ts'

/** What a volume's directory has beside its files. */
const own = new Set([filesName, recordName, snapshotsName])

/** Takes over directories that have no record: data that somebody put where those of a branch would be. */
export function directoryAdopter(root: string): Adopter {
  const isDirectory = async (path: string): Promise<boolean> => (await ifThere(lstat(path)))?.isDirectory() ?? false
  const record = (directory: string, text: string): Promise<void> =>
    withScratch(root, scratch => writeRecord(directory, text, newId(), scratch))
  /** Brings all files of a directory below it to its `volume`; one that was interrupted goes on. */
  const place = async (foreign: Foreign): Promise<void> => {
    const entry = entryOf(root, foreign)
    await mkdir(foreign.path, { mode: 0o700, recursive: true })
    for (const name of (await readdir(entry)).filter(one => !own.has(one))) {
      await rename(join(entry, name), join(foreign.path, name))
    }
  }

  return {
    find: project =>
      onFiles(`Looking at ${project}`, async () => {
        const top = join(root, project)
        if ((await ifThere(lstat(top))) === undefined) return undefined
        if (!(await isDirectory(top))) throw new PgdError('PGD_FOREIGN', `${top} is no directory`)
        const volumes: Foreign[] = []
        const others: string[] = []
        for (const name of (await readdir(top)).filter(one => one !== recordName)) {
          const path = join(top, name)
          const component = readComponent(name)
          if ((await readRecord(path, parseVolume)) !== undefined) continue
          if (component === undefined || !(await isDirectory(path))) others.push(`${project}/${name}`)
          else volumes.push({ project, ...component, path: join(path, filesName) })
        }
        return { isOurs: (await readRecord(top, parseProject)) !== undefined, volumes, others }
      }),
    reach: foreign =>
      onFiles(`Looking at ${showVolume(foreign)}`, async () => {
        if (!(await isDirectory(foreign.path))) return entryOf(root, foreign)
        await place(foreign)
        return foreign.path
      }),
    place: foreign => onFiles(`Moving the files of ${showVolume(foreign)}`, () => place(foreign)),
    project: (name, facts) =>
      onFiles(`Adopting the project ${name}`, () => record(join(root, name), renderProject(facts))),
    volume: (foreign, facts) =>
      onFiles(`Adopting ${showVolume(foreign)}`, async () => {
        const entry = entryOf(root, foreign)
        await mkdir(join(entry, snapshotsName), { mode: 0o700, recursive: true })
        await record(entry, renderVolume(facts))
        const made = await readRecord(entry, parseVolume)
        if (made === undefined) throw new PgdError('PGD_NOT_FOUND', `There is no ${entry} any more`)
        return volumeAt(foreign, entry, made, false)
      }),
  }
}
