import type { DatabaseSync } from 'node:sqlite'
import type { Finding } from '../contract.ts'
import { failed, ok } from './check.ts'

/** Whether the database is whole, by SQLite's own check of it. */
export function databaseFinding(database: DatabaseSync): Finding {
  const fix = 'Stop the daemon, keep a copy of the directory, and restore a copy of before; guests are not affected'
  try {
    const [row] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
    if (row?.quick_check === 'ok') return ok('database', 'The database is whole')
    return failed('database', `The database is damaged: ${row?.quick_check}`, fix)
  } catch (error) {
    return failed('database', `The database cannot be read: ${(error as Error).message}`, fix)
  }
}
