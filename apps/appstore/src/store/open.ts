import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppstoreError } from '../errors/error.ts'
import { migrations } from './migrations.ts'

/**
 * Opens the database of a state directory, which is made when it is missing, brings it to the newest version after a copy
 * was put beside it, and keeps it to this process: a second daemon on the same directory is refused. A change is on the
 * disk when the call returns.
 * @throws {AppstoreError} `APPSTORE_STORE_BUSY`, `APPSTORE_STORE_DAMAGED`, `APPSTORE_STORE_TOO_NEW`.
 */
export function openDatabase(directory: string): DatabaseSync {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'appstore.db')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
    database.exec('PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF')
    migrate(database, directory)
    return database
  } catch (cause) {
    database.close()
    throw described(path, cause)
  }
}

function migrate(database: DatabaseSync, directory: string): void {
  database.exec('BEGIN EXCLUSIVE; COMMIT')
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) {
    const message = `The database is of version ${version}, this program knows ${migrations.length}`
    throw new AppstoreError('APPSTORE_STORE_TOO_NEW', message)
  }
  if (version === migrations.length) return
  if (version > 0) {
    const copy = join(directory, `appstore.db.version-${version}.${Date.now()}`)
    database.prepare('VACUUM INTO ?').run(copy)
    chmodSync(copy, 0o600)
  }
  transaction(database, () => {
    for (const sql of migrations.slice(version)) database.exec(sql)
    database.exec(`PRAGMA user_version=${migrations.length}`)
  })
}

/** Runs all of it, or, when it throws, nothing. */
export function transaction<T>(database: DatabaseSync, change: () => T): T {
  if (database.isTransaction) return change()
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = change()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const primary = (cause: unknown): number => ((cause as { errcode?: number }).errcode ?? 0) % 256

function described(path: string, cause: unknown): unknown {
  if (cause instanceof AppstoreError) return cause
  const words = (cause as Error).message
  // SQLITE_BUSY and SQLITE_LOCKED.
  if ([5, 6].includes(primary(cause))) {
    return new AppstoreError('APPSTORE_STORE_BUSY', `Another process has ${path} open`, { cause })
  }
  return new AppstoreError('APPSTORE_STORE_DAMAGED', `${path} cannot be used: ${words}`, { cause })
}
