import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** A secret as it lies in the database: sealed by secrets/. */
export interface SealedSecret {
  readonly nonce: Uint8Array
  readonly box: Uint8Array
}

/** Sealed secrets, by owner (an install, or a job that has not ended) and key. */
export class SecretTable {
  readonly #get: StatementSync
  readonly #keys: StatementSync
  readonly #set: StatementSync
  readonly #remove: StatementSync
  readonly #removeAll: StatementSync

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT nonce, box FROM secrets WHERE owner = ? AND key = ?')
    this.#keys = database.prepare('SELECT key FROM secrets WHERE owner = ? ORDER BY key')
    this.#set = database.prepare('INSERT OR REPLACE INTO secrets (owner, key, nonce, box) VALUES (?, ?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM secrets WHERE owner = ? AND key = ?')
    this.#removeAll = database.prepare('DELETE FROM secrets WHERE owner = ?')
  }

  get(owner: string, key: string): SealedSecret | undefined {
    return this.#get.get(owner, key) as SealedSecret | undefined
  }

  keys(owner: string): readonly string[] {
    return (this.#keys.all(owner) as { key: string }[]).map(({ key }) => key)
  }

  set(owner: string, key: string, { nonce, box }: SealedSecret): void {
    this.#set.run(owner, key, nonce, box)
  }

  remove(owner: string, key: string): void {
    this.#remove.run(owner, key)
  }

  removeAll(owner: string): void {
    this.#removeAll.run(owner)
  }
}
