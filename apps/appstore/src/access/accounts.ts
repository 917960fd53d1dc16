import type { DatabaseSync } from 'node:sqlite'
import { AppstoreError } from '../errors/error.ts'
import { hashPassword, isPassword } from './password.ts'
import { type Role, roles } from './scope.ts'

/** An account as it is shown. */
export interface Account {
  readonly name: string
  readonly role: Role
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

const shape = /^[a-z][a-z0-9._-]{0,31}$/

/** Accounts of people. There is always one that may administer. */
export class Accounts {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  list(): readonly Account[] {
    const rows = this.#database.prepare('SELECT name, role, created_at FROM accounts ORDER BY name').all()
    return (rows as { name: string; role: Role; created_at: number }[]).map(({ name, role, created_at }) => ({
      name,
      role,
      createdAt: created_at,
    }))
  }

  /** @throws {AppstoreError} `APPSTORE_EXISTS`, `APPSTORE_INPUT_INVALID`. */
  async add(name: string, role: Role, password: string): Promise<void> {
    if (!shape.test(name)) {
      const message = 'The name of an account has 1 to 32 small letters, digits, dots, hyphens and underscores'
      throw new AppstoreError('APPSTORE_INPUT_INVALID', message, { field: 'name' })
    }
    const hash = await hashPassword(password)
    const statement = this.#database.prepare(
      'INSERT INTO accounts (name, role, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    if (statement.run(name, role, hash, Date.now()).changes === 0) {
      throw new AppstoreError('APPSTORE_EXISTS', `There is an account ${name}`, { field: 'name' })
    }
  }

  /** The role of an account with that password, else undefined; as slow for an account that does not exist. */
  async login(name: string, password: string): Promise<Role | undefined> {
    const row = this.#database.prepare('SELECT role, password FROM accounts WHERE name = ?').get(name) as
      | { role: Role; password: string }
      | undefined
    return (await isPassword(password, row?.password)) ? row?.role : undefined
  }

  /** Ends all sessions of the account, too. */
  async setPassword(name: string, password: string): Promise<void> {
    const hash = await hashPassword(password)
    this.#one(this.#database.prepare('UPDATE accounts SET password = ? WHERE name = ?').run(hash, name).changes)
    this.#database.prepare('DELETE FROM sessions WHERE account = ?').run(name)
  }

  /** @throws {AppstoreError} `APPSTORE_WRONG_STATE` for the last account that may administer. */
  setRole(name: string, role: Role): void {
    if (role !== 'admin') this.#keepOneAdmin(name)
    this.#one(this.#database.prepare('UPDATE accounts SET role = ? WHERE name = ?').run(role, name).changes)
  }

  /** Its sessions and tokens go with it. @throws {AppstoreError} as {@link setRole}. */
  remove(name: string): void {
    this.#keepOneAdmin(name)
    this.#one(this.#database.prepare('DELETE FROM accounts WHERE name = ?').run(name).changes)
  }

  /** Role of an account that is there. */
  roleOf(name: string): Role | undefined {
    const row = this.#database.prepare('SELECT role FROM accounts WHERE name = ?').get(name) as
      | { role: Role }
      | undefined
    return row !== undefined && Object.hasOwn(roles, row.role) ? row.role : undefined
  }

  #keepOneAdmin(name: string): void {
    if (this.list().some(account => account.role === 'admin' && account.name !== name)) return
    throw new AppstoreError('APPSTORE_WRONG_STATE', 'It is the last account that may administer')
  }

  #one(changes: number | bigint): void {
    if (Number(changes) !== 1) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such account')
  }
}
