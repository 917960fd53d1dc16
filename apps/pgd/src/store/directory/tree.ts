import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { PgdError } from '../../errors/error.ts'
import { codeOf, ifThere } from './failure.ts'

export interface CopyOptions {
  /** Whether something is left out, by its path below the tree; of a directory that is left out its contents too. */
  readonly skip?: (path: string) => boolean
  /** Whether only the contents of a directory are left out. */
  readonly empty?: (path: string) => boolean
  /** Copied when all else is there. */
  readonly last?: string
  readonly signal?: AbortSignal | undefined
}

/** Node does file operations in four threads; a few more keep these busy. */
const parallel = 8

/**
 * Copies a directory, sharing the blocks of its files where the file system can. Files that vanish meanwhile are left out:
 * a server that runs has reasons. Rejects with `PGD_FOREIGN` for links and whatever else is no file, since two servers
 * must never meet behind a link.
 */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const files = await makeDirectories(from, to, '', options)
  const last = files.filter(path => path === options.last)
  await eachOf(
    files.filter(path => path !== options.last),
    options.signal,
    path => copyIfThere(join(from, path), join(to, path)),
  )
  for (const path of last) await copyIfThere(join(from, path), join(to, path))
}

/** Copies one file, unless it is gone; resolves to whether it was there. */
export async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && (await ifThere(lstat(from))) === undefined) return false
    throw error
  }
}

/** Makes the directories of the copy; resolves to the files, by their paths below the tree. */
async function makeDirectories(from: string, to: string, below: string, options: CopyOptions): Promise<string[]> {
  throwIfCancelled(options.signal)
  await mkdir(join(to, below), { mode: 0o700 })
  if (options.empty?.(below)) return []
  const files: string[] = []
  for (const entry of (await ifThere(readdir(join(from, below), { withFileTypes: true }))) ?? []) {
    const path = join(below, entry.name)
    if (options.skip?.(path)) continue
    if (entry.isDirectory()) files.push(...(await makeDirectories(from, to, path, options)))
    else if (entry.isFile()) files.push(path)
    else
      throw new PgdError('PGD_FOREIGN', `${join(from, path)} is neither a file nor a directory, and cannot be copied`)
  }
  return files
}

/** Runs work on each item, a few at a time; when one fails none begins any more, and all have ended when it rejects. */
async function eachOf<T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values()
  let hasFailed = false
  const one = async (): Promise<void> => {
    for (const item of rest) {
      if (hasFailed) return
      try {
        throwIfCancelled(signal)
        await work(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: parallel }, one))
  const failed = ends.find(end => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
