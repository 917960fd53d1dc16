import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Few small values, such as the id of this store. */
export class SettingTable {
  readonly #get: StatementSync
  readonly #set: StatementSync

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT value FROM settings WHERE key = ?')
    this.#set = database.prepare(
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    )
  }

  get(key: string): string | undefined {
    return (this.#get.get(key) as { value: string } | undefined)?.value
  }

  set(key: string, value: string): void {
    this.#set.run(key, value)
  }
}
