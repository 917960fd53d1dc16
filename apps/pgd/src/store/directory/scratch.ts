import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PgdError } from '../../errors/error.ts'
import { tryLock } from '../../locks/file.ts'
import { newId } from '../../names/id.ts'
import { ifThere } from './failure.ts'
import { scratchName } from './layout.ts'

/** Ending of the lock beside a scratch directory, which the process that uses it holds. */
const lockEnding = '.lock'

/**
 * Runs work with a directory on the same file system as the store, which is removed in the end with all that is in it.
 * What a process left that was killed is removed first.
 */
export async function withScratch<T>(root: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const all = await prepare(root)
  await sweepScratch(root)
  const { path, release } = claim(all)
  try {
    await mkdir(path, { mode: 0o700 })
    return await work(path)
  } finally {
    await removeTree(path)
    release()
  }
}

/** Finds a name for a directory. Who sweeps may just look whose a new lock is, which holds it, so there is another name. */
function claim(all: string): { readonly path: string; readonly release: () => void } {
  for (;;) {
    const path = join(all, newId())
    const release = tryLock(path + lockEnding, 'exclusive')
    if (release !== undefined) return { path, release }
  }
}

/** Names of what processes left that were killed. */
export const leftovers = (root: string): Promise<string[]> => ofTheKilled(root, async () => {})

/** Removes what processes left that were killed; resolves to the names. */
export const sweepScratch = (root: string): Promise<string[]> => ofTheKilled(root, removeTree)

/** Runs work on each directory whose lock nobody has; a lock that lies there alone goes with its release. */
async function ofTheKilled(root: string, work: (path: string) => Promise<void>): Promise<string[]> {
  const all = join(root, scratchName)
  const entries = (await ifThere(readdir(all))) ?? []
  const names = new Set(entries.map(entry => (entry.endsWith(lockEnding) ? entry.slice(0, -lockEnding.length) : entry)))
  const found: string[] = []
  for (const name of [...names].sort()) {
    const path = join(all, name)
    const release = tryLock(path + lockEnding, 'exclusive')
    if (release === undefined) continue
    try {
      if ((await ifThere(lstat(path))) === undefined) continue
      await work(path)
      found.push(name)
    } finally {
      release()
    }
  }
  return found
}

/** Makes the root, and refuses one that others can reach into. */
async function prepare(root: string): Promise<string> {
  const path = join(root, scratchName)
  await mkdir(path, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(root)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    const hint = `If nothing else is in it: chmod 700 ${root}`
    throw new PgdError('PGD_REFUSED', `${root} does not belong to this account alone`, { hint })
  }
  return path
}

/** A server that is just ending may still add a file. */
const removeTree = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 2 })
