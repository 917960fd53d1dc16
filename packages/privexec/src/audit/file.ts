import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type AuditPosition, maxLine, readLine } from './chain.ts'
import { systemCode, unavailable } from './unavailable.ts'

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants
const mode = 0o640

/** Refuses a directory in which somebody else could put files of their own in the place of ours. */
export function checkFolder(file: string): void {
  const folder = dirname(file)
  let stat: Stats
  try {
    stat = statSync(folder)
  } catch (error) {
    throw unavailable(file, 'its directory cannot be used', error)
  }
  const fault = foreign(stat)
  if (fault !== undefined) throw unavailable(file, `its directory ${fault}`)
}

/** Opens an existing audit file to append to; undefined when there is none. Refuses what somebody else could write. */
export function openAppend(file: string): number | undefined {
  let fd: number
  try {
    // O_NONBLOCK, because opening a pipe that was put in the place of the file would wait for ever.
    fd = openSync(file, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw unavailable(file, 'cannot be opened', error)
  }
  const fault = unsafe(fstatSync(fd))
  if (fault === undefined) return fd
  closeSync(fd)
  throw unavailable(file, fault)
}

function unsafe(stat: Stats): string | undefined {
  return stat.isFile() ? foreign(stat) : 'is not a regular file'
}

function foreign(stat: Stats): string | undefined {
  if ((stat.mode & 0o022) !== 0) return 'can be written by its group or by others'
  const own = process.geteuid?.() ?? stat.uid
  return stat.uid === own || stat.uid === 0 ? undefined : 'belongs to another account'
}

/** Creates an audit file, mode 0640 less the umask, and makes its directory entry durable. */
export function createAppend(file: string): number {
  try {
    const fd = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    syncFolder(file)
    return fd
  } catch (error) {
    throw unavailable(file, 'cannot be created', error)
  }
}

/** Makes names below the directory of `file` durable. */
export function syncFolder(file: string): void {
  const fd = openSync(dirname(file), O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** The end of an audit file. */
export interface Tail {
  /** Position of the last whole record; undefined when there is none. */
  readonly last: AuditPosition | undefined
  /** Bytes up to the end of that record. */
  readonly sound: number
  readonly size: number
  /** True when the last whole line is JSON but not what was hashed: an edit, which no crash makes. */
  readonly edited: boolean
}

/** Finds the last whole record by reading backwards. What follows it was torn by a crash in the middle of a write. */
export function readTail(fd: number): Tail {
  const { size } = fstatSync(fd)
  let end = size
  // A whole line may be damaged too (blocks of zeros after a power failure), so look further back than one line.
  for (;;) {
    const newline = lastNewline(fd, end)
    if (newline < 0) return { last: undefined, sound: 0, size, edited: false }
    const start = lastNewline(fd, newline) + 1
    const line = readRange(fd, start, newline)
    const sealed = readLine(line)
    if (sealed?.sound)
      return { last: { sequence: sealed.sequence, hash: sealed.hash }, sound: newline + 1, size, edited: false }
    if (isJson(line)) return { last: undefined, sound: newline + 1, size, edited: true }
    end = newline
  }
}

/** Offset of the last newline before `end`, or -1. */
function lastNewline(fd: number, end: number): number {
  const block = Buffer.allocUnsafe(65_536)
  let stop = end
  while (stop > 0) {
    const start = Math.max(0, stop - block.length)
    const count = readSync(fd, block, 0, stop - start, start)
    const at = block.subarray(0, count).lastIndexOf(10)
    if (at >= 0) return start + at
    stop = start
  }
  return -1
}

/** Bytes from `start` to `end`, at most {@link maxLine} of them. */
export function readRange(fd: number, start: number, end: number): Buffer {
  const buffer = Buffer.alloc(Math.min(end - start, maxLine))
  const count = readSync(fd, buffer, 0, buffer.length, start)
  return buffer.subarray(0, count)
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('latin1'))
    return true
  } catch {
    return false
  }
}
