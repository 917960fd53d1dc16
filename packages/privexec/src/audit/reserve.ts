import { randomBytes } from 'node:crypto'
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, lstatSync, openSync, writeSync } from 'node:fs'

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants

/** Size of the reserve in bytes: some hundred records. */
export const reserveSize = 262_144
const step = 16_384

/**
 * Space kept for the day when the disk is full: `<file>.reserve`. It holds random bytes, since a file system that
 * compresses would store zeros in no space at all. All functions want the lock of the audit file to be held.
 */
export interface Reserve {
  /** True when all of it is there. One `lstat`. */
  isWhole(): boolean
  /** Fills it up; false when there is no space for it. */
  restore(): boolean
  /** Gives back at least `bytes`, or what is left; false when nothing is left. */
  give(bytes: number): boolean
}

/** The reserve of an audit file; nothing is created before {@link Reserve.restore}. */
export function openReserve(file: string): Reserve {
  const path = `${file}.reserve`
  const isWhole = () => {
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false })
      return stat?.isFile() === true && stat.size >= reserveSize
    } catch {
      return false
    }
  }
  return {
    isWhole,
    restore: () => isWhole() || attempt(path, fill),
    give: bytes =>
      attempt(path, fd => {
        const { size } = fstatSync(fd)
        // In steps, so that it lasts for many outcomes; whole blocks, since a part of one frees nothing.
        ftruncateSync(fd, Math.max(0, size - Math.ceil((bytes + step) / step) * step))
        return size > 0
      }),
  }
}

function attempt(path: string, action: (fd: number) => boolean): boolean {
  try {
    const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    try {
      return fstatSync(fd).isFile() && action(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // Whatever it was (no space, no right, read-only): there is no reserve, which is all that the caller asks.
    return false
  }
}

function fill(fd: number): boolean {
  const { size } = fstatSync(fd)
  try {
    for (let at = size; at < reserveSize; ) at += writeSync(fd, randomBytes(reserveSize - at), 0, undefined, at)
    fdatasyncSync(fd)
    return true
  } catch {
    ftruncateSync(fd, size)
    return false
  }
}
