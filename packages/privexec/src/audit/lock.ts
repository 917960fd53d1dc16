import { closeSync, constants, lstatSync, openSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { systemCode, unavailable } from './unavailable.ts'

/** A lock between processes that the kernel releases when its holder dies. */
export interface ProcessLock {
  /** True when it was free and is now held. */
  tryAcquire(): boolean
  release(): void
  close(): void
}

const busy = 5

/**
 * Opens the lock file, mode 0600: who may read it could hold the lock against us. Node has no `flock`, so this is the
 * write lock of an empty SQLite database, which is a POSIX record lock (about 13 µs to take and release).
 */
export function openLock(path: string): ProcessLock {
  const inode = prepare(path)
  const Database = loadSqlite()
  let database: DatabaseSync
  let begin: StatementSync
  let rollback: StatementSync
  try {
    database = new Database(path, { timeout: 0 })
    database.exec('PRAGMA journal_mode=MEMORY')
    begin = database.prepare('BEGIN IMMEDIATE')
    // A commit would want all readers gone, and fails while another process is just trying.
    rollback = database.prepare('ROLLBACK')
  } catch (error) {
    throw unavailable(path, 'cannot be opened as a lock', error)
  }
  return {
    tryAcquire: () => {
      if (!attempt(() => begin.run(), path)) return false
      // Two inodes would be two locks, so a lock file that was replaced is no lock.
      if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) return true
      rollback.run()
      throw unavailable(path, 'was removed or replaced while in use')
    },
    release: () => {
      rollback.run()
    },
    close: () => database.close(),
  }
}

function prepare(path: string): number {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    // Only a new file is opened here: closing a second descriptor of a locked file would drop the lock.
    if (found === undefined) create(path)
    const stat = found ?? lstatSync(path)
    if (!stat.isFile()) throw unavailable(path, 'is not a regular file')
    return stat.ino
  } catch (error) {
    if (systemCode(error)?.startsWith('PRIVEXEC_')) throw error
    throw unavailable(path, 'cannot be created', error)
  }
}

function create(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600))
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

function attempt(action: () => void, path: string): boolean {
  try {
    action()
    return true
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false
    throw unavailable(path, 'cannot be locked', error)
  }
}

/** Loads `node:sqlite` on first use, without the warning that Node 22 prints for it. */
function loadSqlite(): typeof DatabaseSync {
  const warn = process.emitWarning
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite').DatabaseSync
  } finally {
    process.emitWarning = warn
  }
}
