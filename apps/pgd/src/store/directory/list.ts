import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../../facts/model.ts'
import { parseProject } from '../../facts/project.ts'
import { parseSnapshot } from '../../facts/snapshot.ts'
import { parseVolume } from '../../facts/volume.ts'
import { type Name, readName } from '../../names/name.ts'
import { type Inventory, readComponent, type Snapshot, type Volume, type VolumeName } from '../store.ts'
import { ifThere } from './failure.ts'
import { filesName, recordName, scratchName, snapshotsName } from './layout.ts'
import { readRecord } from './record.ts'
import { leftovers } from './scratch.ts'

interface Found {
  readonly projects: { name: Name; facts: Project['facts'] }[]
  readonly volumes: Volume[]
  readonly snapshots: Snapshot[]
  readonly foreign: string[]
}

/** All that is below the root of the store; what goes while this looks is left out. */
export async function listStore(root: string, sizes: boolean): Promise<Inventory> {
  const found: Found = { projects: [], volumes: [], snapshots: [], foreign: [] }
  const names = ((await ifThere(readdir(root))) ?? []).filter(name => name !== scratchName)
  await Promise.all(names.map(name => readProject(root, name, sizes, found)))
  return { ...found, foreign: found.foreign.sort(), leftovers: await leftovers(root) }
}

async function readProject(root: string, text: string, sizes: boolean, found: Found): Promise<void> {
  const name = readName(text)
  const path = join(root, text)
  const record = name && (await readRecord(path, parseProject))
  if (name === undefined || record === undefined) return addForeign(path, text, found)
  found.projects.push({ name, facts: record.facts })
  const components = ((await ifThere(readdir(path))) ?? []).filter(component => component !== recordName)
  await Promise.all(components.map(component => readEntry(path, name, component, sizes, found)))
}

async function readEntry(above: string, project: Name, component: string, sizes: boolean, found: Found): Promise<void> {
  const path = join(above, component)
  const name = readComponent(component)
  const record = name && (await readRecord(path, parseVolume))
  if (name === undefined || record === undefined) return addForeign(path, `${project}/${component}`, found)
  const at: VolumeName = { project, ...name }
  found.volumes.push(await volumeAt(at, path, record, sizes))
  const ids = (await ifThere(readdir(join(path, snapshotsName)))) ?? []
  await Promise.all(
    ids.map(id => readSnapshot(join(path, snapshotsName, id), at, `${project}/${component}@${id}`, sizes, found)),
  )
}

/** A volume as others see it. */
export async function volumeAt(
  at: VolumeName,
  entry: string,
  { facts, guid }: Pick<Volume, 'facts' | 'guid'>,
  sizes: boolean,
): Promise<Volume> {
  const path = join(entry, filesName)
  const used = sizes ? await sizeOf(path) : 0
  const { project, branch, generation } = at
  return { project, branch, generation, facts, guid, path, isMounted: true, used, referenced: used }
}

async function readSnapshot(path: string, of: VolumeName, title: string, sizes: boolean, found: Found): Promise<void> {
  const record = await readRecord(path, parseSnapshot)
  if (record === undefined) return addForeign(path, title, found)
  found.snapshots.push({ of, ...record, used: sizes ? await sizeOf(path) : 0, clones: [] })
}

async function addForeign(path: string, title: string, found: Found): Promise<void> {
  if ((await ifThere(lstat(path))) !== undefined) found.foreign.push(title)
}

/** Bytes of the disk that a directory and all in it take; blocks that files share count for each. */
async function sizeOf(path: string): Promise<number> {
  const stat = await ifThere(lstat(path))
  if (stat === undefined) return 0
  const own = stat.blocks * 512
  if (!stat.isDirectory()) return own
  const names = (await ifThere(readdir(path))) ?? []
  const sizes = await Promise.all(names.map(name => sizeOf(join(path, name))))
  return sizes.reduce((sum, size) => sum + size, own)
}
