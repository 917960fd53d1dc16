import { lstatSync, readdirSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openRead } from './lines.ts'
import { systemCode, unavailable } from './unavailable.ts'

const digits = 16

/** Name of a full segment: that of the audit file, and the sequence of its first record, so that names sort. */
export const segmentName = (file: string, first: number): string => `${file}.${String(first).padStart(digits, '0')}`

/** Sequence in the name of a full segment: that of its first record. */
export const segmentStart = (segment: string): number => Number(segment.slice(-digits))

/** Full segments of an audit file, oldest first; without the file itself. */
export function fullSegments(file: string): string[] {
  const prefix = `${basename(file)}.`
  const folder = dirname(file)
  return list(folder, file)
    .filter(name => name.startsWith(prefix) && /^\d{16}$/.test(name.slice(prefix.length)))
    .sort()
    .map(name => join(folder, name))
}

/** All files of a chain as they are now, oldest first, the growing one last; a file under two names is listed once. */
export function allSegments(file: string): string[] {
  const growing = lstatSync(file, { throwIfNoEntry: false })
  const full = fullSegments(file).filter(path => lstatSync(path, { throwIfNoEntry: false })?.ino !== growing?.ino)
  return growing === undefined ? full : [...full, file]
}

/** A file of a chain, open for reading; the caller closes it. */
export interface OpenSegment {
  readonly path: string
  readonly handle: FileHandle
  /** The sequence in its name; undefined for the growing file. */
  readonly first: number | undefined
}

/**
 * Opens the file that follows the segment whose first record is `first` (0: the oldest); undefined when there is none.
 * No rotation in between can make it skip a file: the growing one is opened before the full ones are listed.
 */
export async function openAfter(file: string, first: number): Promise<OpenSegment | undefined> {
  const growing = await tryOpen(file)
  const inode = growing && (await growing.stat()).ino
  for (const path of fullSegments(file)) {
    if (segmentStart(path) <= first) continue
    // A rotation that was killed half-way leaves one file under two names.
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) break
    const handle = await tryOpen(path)
    if (handle === undefined) continue
    await growing?.close()
    return { path, handle, first: segmentStart(path) }
  }
  return growing && { path: file, handle: growing, first: undefined }
}

/** Opens all files of a chain one after another, the growing one last, and closes each when the next is asked for. */
export async function* openSegments(file: string): AsyncGenerator<OpenSegment> {
  for (let first: number | undefined = 0; first !== undefined; ) {
    const segment: OpenSegment | undefined = await openAfter(file, first)
    if (segment === undefined) return
    try {
      yield segment
    } finally {
      await segment.handle.close()
    }
    first = segment.first
  }
}

/** Undefined when there is no such file. */
async function tryOpen(path: string): Promise<FileHandle | undefined> {
  try {
    return await openRead(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw unavailable(path, 'cannot be read', error)
  }
}

function list(folder: string, file: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw unavailable(file, 'its directory cannot be read', error)
  }
}
