import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ProjectFacts, SnapshotFacts, VolumeFacts } from '../../../../src/facts/model.ts'
import { newId } from '../../../../src/names/id.ts'
import { parseName } from '../../../../src/names/name.ts'
import { openDirectoryStore } from '../../../../src/store/directory/open.ts'
import type { Frozen, Store, VolumeName } from '../../../../src/store/store.ts'

export const shop = parseName('shop', 'project')

export const volumeName = (branch: string, generation = 1): VolumeName => ({
  project: shop,
  branch: parseName(branch, 'branch'),
  generation,
})

export const projectFacts = (): ProjectFacts => ({ id: newId(), created: 1000, runtime: 'process', version: 17 })

export const volumeFacts = (more: Partial<VolumeFacts> = {}): VolumeFacts => ({
  id: newId(),
  state: 'creating',
  created: 2000,
  port: 6500,
  wanted: 'running',
  ...more,
})

export const snapshotFacts = (): SnapshotFacts => ({ id: newId(), kind: 'user', created: 3000 })

/** What tells a server nothing, since none runs. */
export const stopped: Frozen = async copy => {
  await copy()
  return undefined
}

/** A store of its own with the project `shop`. */
export const newStore = (t: Test): Promise<Store & { root: string }> => newStoreAt(join(t.testdir({}), 'databases'))

export async function newStoreAt(root: string): Promise<Store & { root: string }> {
  const store = openDirectoryStore(root)
  await store.createProject(shop, projectFacts())
  return { ...store, root }
}

/** All files below a directory, by their paths. */
export const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()

/** Writes files by their paths below a directory. */
export function writeFiles(path: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(join(path, name), content, { mode: 0o600 })
  }
}

const megabyte = 2 ** 20

/** A WAL segment of 1 MiB that says it is the one that its name says, or an older one that was kept for use. */
export function segment(name: string, content = name): Buffer {
  const text = Buffer.alloc(megabyte)
  const position = (BigInt(`0x${content.slice(8, 16)}`) << 32n) + BigInt(`0x${content.slice(16)}`) * BigInt(megabyte)
  text.writeBigUInt64LE(position, 8)
  text.write(name, 64)
  return text
}
