import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError } from '../../errors/error.ts'
import type { CatalogProblem } from '../manifest/problem.ts'
import { git } from './git.ts'

/** Bounds of a catalog: what is above the first is left out and told, what is above the others refuses the commit. */
export const treeLimits = { fileBytes: 2_097_152, totalBytes: 268_435_456, files: 50_000 }

interface Blob {
  readonly id: string
  readonly size: number
  readonly path: string
}

/** A catalog of one commit, as files. */
export interface Tree {
  /** Absolute; holds `apps` and `stacks`. */
  readonly directory: string
  readonly commit: string
}

const folders = ['apps', 'stacks', 'catalog/apps', 'catalog/stacks']

/**
 * Writes what a commit has in the folders of a catalog to `trees/COMMIT`: regular files only, as they are in the
 * repository, with no attribute, filter or hook applied. It is made beside and then renamed, so it is whole or not there.
 */
export async function extractTree(
  repository: string,
  trees: string,
  commit: string,
  signal?: AbortSignal,
): Promise<Tree & { readonly problems: readonly CatalogProblem[] }> {
  const { blobs, problems } = await listTree(repository, commit, signal)
  const directory = join(trees, commit)
  if (await isDirectory(directory)) return { directory, commit, problems }
  const made = join(trees, `.new-${randomBytes(8).toString('hex')}`)
  try {
    await mkdir(made, { recursive: true, mode: 0o755 })
    for (const batch of batches(blobs)) await writeBatch(repository, made, batch, signal)
    await rename(made, directory)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    // Another check of the same source may have been faster.
    if (!(await isDirectory(directory))) throw error
  }
  return { directory, commit, problems }
}

const isDirectory = async (path: string): Promise<boolean> =>
  await stat(path).then(
    status => status.isDirectory(),
    () => false,
  )

/** Removes the trees for whose names `isKept` is false: commits, and what was begun with a dot before. */
export async function pruneTrees(trees: string, isKept: (name: string) => boolean): Promise<void> {
  const names = await readdir(trees).catch(() => [])
  for (const name of names) {
    if (!isKept(name)) await rm(join(trees, name), { recursive: true, force: true })
  }
}

/** Ids of the files of each app of a commit, by path below the folder of the app. */
export async function digestsOf(
  repository: string,
  commit: string,
  signal?: AbortSignal,
): Promise<Map<string, Map<string, string>>> {
  const { blobs } = await listTree(repository, commit, signal)
  const apps = new Map<string, Map<string, string>>()
  for (const { id, path } of blobs) {
    const [, app = '', inner = ''] = /^(?:catalog\/)?apps\/([^/]+)\/(.+)$/.exec(path) ?? []
    if (app === '') continue
    const files = apps.get(app) ?? new Map<string, string>()
    apps.set(app, files.set(inner, id))
  }
  return apps
}

/** Files of a commit in the folders of a catalog, as far as they are read. */
async function listTree(
  repository: string,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly blobs: readonly Blob[]; readonly problems: readonly CatalogProblem[] }> {
  const args = ['ls-tree', '-r', '-l', '-z', '--full-tree', '--end-of-options', commit, ...folders]
  const text = (await git(args, { repository, signal })).toString('utf8')
  const blobs: Blob[] = []
  const problems: CatalogProblem[] = []
  let total = 0
  for (const entry of text.split('\0')) {
    if (entry === '') continue
    const [, mode, id = '', size, path = ''] = /^([0-7]{6}) [a-z]+ ([0-9a-f]+) +([0-9]+|-)\t(.*)$/s.exec(entry) ?? []
    const fault = faultOf(mode, size, path)
    if (fault !== undefined) problems.push(problem(path, fault))
    else {
      total += Number(size)
      blobs.push({ id, size: Number(size), path })
    }
  }
  if (total > treeLimits.totalBytes || blobs.length > treeLimits.files) {
    const message = `the catalog has ${blobs.length} files of ${total} bytes; at most ${treeLimits.files} of ${treeLimits.totalBytes} are read`
    throw new AppstoreError('APPSTORE_MANIFEST_INVALID', message)
  }
  return { blobs, problems }
}

function faultOf(mode: string | undefined, size: string | undefined, path: string): string | undefined {
  if (mode === '120000') return 'is a symbolic link and is left out'
  if (mode === '160000') return 'is a submodule and is left out'
  if (mode !== '100644' && mode !== '100755') return 'is no regular file and is left out'
  const parts = path.split('/')
  const proper = parts.every(
    part => /^[A-Za-z0-9._@+ ~()&,'=-]{1,255}$/.test(part) && !/^(?:\.{1,2}|\.git)$/i.test(part),
  )
  if (!proper || parts.length > 20) return 'has a name that is not allowed and is left out'
  return Number(size) > treeLimits.fileBytes ? `has more than ${treeLimits.fileBytes} bytes and is left out` : undefined
}

const problem = (path: string, message: string): CatalogProblem => ({
  ...{ severity: 'warning', field: '', line: 1, column: 1 },
  file: /^[ -~]{1,400}$/.test(path) ? path : escapeValue(path, 200),
  message,
})

/** Small enough for the memory of one call. */
function* batches(blobs: readonly Blob[]): Generator<readonly Blob[]> {
  let batch: Blob[] = []
  let bytes = 0
  for (const blob of blobs) {
    if (batch.length >= 2000 || bytes + blob.size > 33_554_432) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(blob)
    bytes += blob.size
  }
  if (batch.length > 0) yield batch
}

async function writeBatch(
  repository: string,
  base: string,
  batch: readonly Blob[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const stdin = batch.map(({ id }) => `${id}\n`).join('')
  const bytes = await git(['cat-file', '--batch'], { repository, stdin, signal })
  const made = new Set<string>()
  let at = 0
  for (const { id, size, path } of batch) {
    const head = `${id} blob ${size}\n`
    if (bytes.toString('latin1', at, at + head.length) !== head) {
      throw new AppstoreError('APPSTORE_CATALOG_UNAVAILABLE', `git gave another answer than for ${escapeValue(path)}`)
    }
    at += head.length
    const folder = join(base, dirname(path))
    if (!made.has(folder)) await mkdir(folder, { recursive: true, mode: 0o755 })
    made.add(folder)
    const file = await open(join(base, path), 'wx', 0o644)
    try {
      await file.writeFile(bytes.subarray(at, at + size))
    } finally {
      await file.close()
    }
    at += size + 1
  }
}
