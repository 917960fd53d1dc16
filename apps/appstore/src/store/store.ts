import type { DatabaseSync } from 'node:sqlite'
import { EventTable } from './events.ts'
import { InstallTable } from './installs.ts'
import { JobTable } from './jobs.ts'
import { openDatabase, transaction } from './open.ts'
import { SecretTable } from './secrets.ts'
import { SettingTable } from './settings.ts'

/** All that the store remembers. What guests there are, and whether they run, is asked from Proxmox. */
export interface Store {
  readonly installs: InstallTable
  readonly jobs: JobTable
  readonly events: EventTable
  readonly secrets: SecretTable
  readonly settings: SettingTable
  /** The database itself, for tables of other stages. */
  readonly database: DatabaseSync
  /** Runs all of it, or, when it throws, nothing. It must not wait for anything. */
  transaction<T>(change: () => T): T
  close(): void
}

/** Opens the store of a state directory; see {@link openDatabase} for what it refuses. */
export function openStore(directory: string): Store {
  const database = openDatabase(directory)
  return {
    installs: new InstallTable(database),
    jobs: new JobTable(database),
    events: new EventTable(database),
    secrets: new SecretTable(database),
    settings: new SettingTable(database),
    database,
    transaction: change => transaction(database, change),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}
