import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import type { ProjectFacts } from '../../facts/model.ts'
import { parseProject } from '../../facts/project.ts'
import { parseSnapshot } from '../../facts/snapshot.ts'
import { parseVolume } from '../../facts/volume.ts'
import type { Name } from '../../names/name.ts'
import { componentOf, type Snapshot, type Volume, type VolumeName } from '../store.ts'
import { codeOf, ifThere } from './failure.ts'
import { entryOf, recordName, snapshotOf, snapshotsName } from './layout.ts'
import { type DirectoryRecord, moveDirectory, readRecord } from './record.ts'

/** A volume in messages: `shop/dev__2`. */
export const showVolume = (at: VolumeName): string => `${at.project}/${componentOf(at)}`

/** Record of a project. Rejects with `PGD_NOT_FOUND`. */
export async function ofProject(root: string, name: Name): Promise<DirectoryRecord<ProjectFacts>> {
  const record = await readRecord(join(root, name), parseProject)
  if (record === undefined) throw notFound(`project ${name}`)
  return record
}

/** Directory of this very volume. Rejects with `PGD_NOT_FOUND`. */
export async function ofVolume(root: string, volume: Volume): Promise<string> {
  const place = entryOf(root, volume)
  const record = await readRecord(place, parseVolume)
  if (record?.guid !== volume.guid) throw notFound(`volume ${showVolume(volume)}`)
  return place
}

/** Directory of this very snapshot. Rejects with `PGD_NOT_FOUND`. */
export async function ofSnapshot(root: string, { of, facts, guid }: Snapshot): Promise<string> {
  const place = snapshotOf(root, of, facts.id)
  const record = await readRecord(place, parseSnapshot)
  if (record?.guid !== guid) throw notFound(`snapshot ${facts.id} of ${showVolume(of)}`)
  return place
}

/** Moves what was made into a place that nothing has; of two who do so at once, one wins. */
export async function moveInto(made: string, place: string, title: string): Promise<void> {
  try {
    await moveDirectory(made, place, dirname(place))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw new PgdError('PGD_EXISTS', `${title} exists`)
    if (code === 'ENOENT') throw notFound(`place for ${title} any more`)
    throw error
  }
}

/** Refuses a place where there is something: `PGD_EXISTS` when it is ours, else `PGD_FOREIGN`. */
export async function refuseTaken(
  place: string,
  title: string,
  parse: (text: string) => object | undefined,
): Promise<void> {
  if ((await readRecord(place, parse)) !== undefined) throw new PgdError('PGD_EXISTS', `${title} exists`)
  if ((await ifThere(lstat(place))) !== undefined) throw foreign(place)
}

/** Refuses a project in which anything is. */
export async function refuseFull(directory: string, name: Name): Promise<void> {
  const rest = (await readdir(directory)).filter(entry => entry !== recordName)
  if (rest.length === 0) return
  throw new PgdError(
    'PGD_HAS_DEPENDENTS',
    `The project ${name} is not empty: ${rest
      .slice(0, 5)
      .map(one => escapeValue(one))
      .join(', ')}`,
  )
}

/** Refuses a volume in whose place of snapshots something else lies. */
export async function refuseForeign(entry: string): Promise<void> {
  for (const id of (await ifThere(readdir(join(entry, snapshotsName)))) ?? []) {
    const path = join(entry, snapshotsName, id)
    if ((await readRecord(path, parseSnapshot)) === undefined) throw foreign(path)
  }
}

/** The path, or what of it there is. */
export async function nearest(path: string): Promise<string> {
  return (await ifThere(lstat(path))) === undefined && dirname(path) !== path ? nearest(dirname(path)) : path
}

const notFound = (what: string): PgdError => new PgdError('PGD_NOT_FOUND', `There is no ${what}`)

const foreign = (path: string): PgdError => new PgdError('PGD_FOREIGN', `${escapeValue(path, 500)} was not made by pgd`)
