import { closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { PgdError } from '../errors/error.ts'

/** `shared`: several at once. `exclusive`: one alone. */
export type LockMode = 'shared' | 'exclusive'

/** A lock goes with its database, and that must not be when the collector of garbage says so. */
const held = new Set<DatabaseSync>()

/** SQLITE_BUSY; the bits above tell which kind. */
const busy = 5

/**
 * Takes the lock of a file, if it is free; gives back what releases it. The kernel releases it when the process dies, so
 * no lock is ever stale. Node has no `flock`, so this is the lock of an empty SQLite database, which is a POSIX record
 * lock that also excludes the rest of this process. The last exclusive holder removes the file.
 */
export function tryLock(path: string, mode: LockMode): (() => void) | undefined {
  for (;;) {
    const inode = prepare(path)
    const database = begin(path, mode)
    if (database === undefined) return undefined
    // Two inodes would be two locks: a file that somebody removed meanwhile is none.
    if (inodeOf(path) === inode) {
      held.add(database)
      return () => release(database, path, mode)
    }
    database.close()
  }
}

function begin(path: string, mode: LockMode): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new (loadSqlite())(path, { timeout: 0 })
    // An exclusive transaction of an empty database begins to write, to memory only, and is never committed; a shared one
    // takes its lock when it reads first.
    database.exec('PRAGMA journal_mode=MEMORY')
    database.exec(mode === 'exclusive' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_master')
    return database
  } catch (cause) {
    if (database?.isOpen) database.close()
    if (((cause as { errcode?: number }).errcode ?? 0) % 256 === busy) return undefined
    throw unavailable(path, cause)
  }
}

/** Whoever removes the file has the lock, and whoever waits sees that the file is another one. */
function release(database: DatabaseSync, path: string, mode: LockMode): void {
  if (!held.delete(database)) return
  if (mode === 'exclusive') rmSync(path, { force: true })
  database.close()
}

/** Only a new file is opened here: closing a second descriptor of a locked file would drop the lock. */
function prepare(path: string): bigint {
  for (;;) {
    const found = inodeOf(path)
    if (found !== undefined) return found
    try {
      closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unavailable(path, error)
    }
  }
}

const inodeOf = (path: string): bigint | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino

const unavailable = (path: string, cause: unknown): PgdError =>
  new PgdError('PGD_STORE_UNAVAILABLE', `The lock ${path} cannot be taken: ${(cause as Error).message}`, { cause })

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
