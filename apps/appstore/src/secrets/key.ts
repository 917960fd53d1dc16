import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { AppstoreError } from '../errors/error.ts'

/**
 * The key of the vault, 32 bytes in the file `key` of the state directory, 0600, made on first use. A file that others can
 * read, or of another length, is refused: nothing is ever sealed with a key that is not secret.
 * @throws {AppstoreError} `APPSTORE_STORE_UNAVAILABLE`.
 */
export function loadKey(directory: string): Buffer {
  const path = join(directory, 'key')
  try {
    return read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, error)
  }
  try {
    make(path)
    return read(path)
  } catch (error) {
    throw unusable(path, error)
  }
}

function read(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { mode, uid } = fstatSync(file)
    if ((mode & 0o077) !== 0) throw new Error('others may read or write it; chmod 600')
    if (uid !== process.getuid?.()) throw new Error('it belongs to another account')
    const key = readFileSync(file)
    if (key.length !== 32) throw new Error(`it has ${key.length} bytes in place of 32`)
    return key
  } finally {
    closeSync(file)
  }
}

/** Whole or not at all, and never over one that is there. */
function make(path: string): void {
  const draft = `${path}.${process.pid}`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, randomBytes(32))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}

const unusable = (path: string, cause: unknown): AppstoreError =>
  cause instanceof AppstoreError
    ? cause
    : new AppstoreError('APPSTORE_STORE_UNAVAILABLE', `The key ${path}: ${(cause as Error).message}`, { cause })
