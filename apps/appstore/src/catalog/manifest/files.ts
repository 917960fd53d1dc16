import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of the catalog. Nothing outside of it is read, and no symbolic link is followed. All calls are synchronous. */
export interface Folder {
  /** Path for people: relative to the catalog. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** Text of a file; undefined when there is none, it is a link, or it has more than `limit` bytes. */
  readonly read: (path: string, limit: number) => Buffer | undefined
  /** Whether there is a regular file of at most `limit` bytes. */
  readonly has: (path: string, limit: number) => boolean
  /** Names of the regular files in a folder below, sorted; empty when there is none. */
  readonly files: (path: string) => readonly string[]
}

/** The folder at an absolute path. */
export function folderAt(path: string, name: string): Folder {
  return {
    name,
    path,
    read: (inner, limit) => (isBelow(path, inner) ? readFile(join(path, inner), limit) : undefined),
    has: (inner, limit) => isBelow(path, inner) && isFile(join(path, inner), limit),
    files: inner => (isBelow(path, `${inner}/x`) ? filesIn(join(path, inner)) : []),
  }
}

/** Whether the way to a file leads through folders only, not through a link or `..`. */
function isBelow(base: string, inner: string): boolean {
  const parts = inner.split('/')
  if (parts.some(part => part === '' || part === '.' || part === '..')) return false
  let path = base
  for (const part of parts.slice(0, -1)) {
    path = join(path, part)
    if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return false
  }
  return true
}

function isFile(path: string, limit: number): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false })
  return status?.isFile() === true && status.size <= limit
}

function readFile(path: string, limit: number): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile() || status.size > limit) return undefined
    const buffer = Buffer.alloc(status.size)
    const length = readSync(descriptor, buffer, 0, status.size, 0)
    return buffer.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => entry.name)
      .sort()
  } catch {
    return []
  }
}

/** A file as UTF-8; undefined when it is not. A byte order mark is left out. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
