import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AppstoreError } from '../errors/error.ts'
import { type Principal, type Role, roles, type Scope, scopes } from './scope.ts'

/** A token as it is shown; its secret was shown once. */
export interface Token {
  readonly id: string
  readonly account: string
  readonly label: string
  readonly scopes: readonly Scope[]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt?: number
  readonly usedAt?: number
}

interface Row {
  readonly id: string
  readonly account: string
  readonly label: string
  readonly scopes: string
  readonly digest: Uint8Array
  readonly created_at: number
  readonly expires_at: number | null
  readonly used_at: number | null
  readonly role: Role
}

/** `appstore_`, 8 bytes of id, 32 bytes of secret: scanners of leaked secrets can find it by its beginning. */
const shape = /^appstore_([a-f0-9]{16})_([A-Za-z0-9_-]{43})$/

/** How old the time of last use may be before it is written anew, in milliseconds. */
const freshness = 60_000

/** Tokens for programs. A token can never do more than its account. */
export class Tokens {
  readonly #database: DatabaseSync
  readonly #find: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#find = database.prepare(
      'SELECT t.*, a.role FROM tokens t JOIN accounts a ON a.name = t.account WHERE t.id = ?',
    )
  }

  /** Makes a token; the text given back is shown once and kept nowhere. */
  create(account: string, label: string, wanted: readonly Scope[], expiresAt?: number): { token: Token; text: string } {
    const id = randomBytes(8).toString('hex')
    const text = `appstore_${id}_${randomBytes(32).toString('base64url')}`
    const kept = scopes.filter(scope => wanted.includes(scope))
    this.#database
      .prepare(
        'INSERT INTO tokens (id, account, label, scopes, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, account, label, kept.join(' '), digest(text), Date.now(), expiresAt ?? null)
    return { token: this.#get(id), text }
  }

  list(account?: string): readonly Token[] {
    const rows = this.#database
      .prepare('SELECT t.*, a.role FROM tokens t JOIN accounts a ON a.name = t.account ORDER BY t.created_at')
      .all() as unknown as Row[]
    return rows.filter(row => account === undefined || row.account === account).map(shown)
  }

  /** Who has the token, or undefined when it is none, has expired, or was removed. */
  recognise(text: string, now = Date.now()): Principal | undefined {
    const [, id] = shape.exec(text) ?? []
    const row = id === undefined ? undefined : this.#row(id)
    if (row === undefined || !timingSafeEqual(digest(text), row.digest)) return undefined
    if (row.expires_at !== null && row.expires_at <= now) return undefined
    if (row.used_at === null || now - row.used_at > freshness) {
      this.#database.prepare('UPDATE tokens SET used_at = ? WHERE id = ?').run(now, row.id)
    }
    const may = new Set<Scope>(roles[row.role] ?? [])
    return { name: row.account, scopes: shown(row).scopes.filter(scope => may.has(scope)), via: 'token', id: row.id }
  }

  remove(id: string): void {
    if (this.#database.prepare('DELETE FROM tokens WHERE id = ?').run(id).changes === 1) return
    throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such token')
  }

  #get(id: string): Token {
    return shown(this.#row(id) as Row)
  }

  #row(id: string): Row | undefined {
    return this.#find.get(id) as Row | undefined
  }
}

/** SHA-256: the secret has 256 random bits, so there is nothing to guess. */
const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()

function shown(row: Row): Token {
  const { id, account, label, created_at: createdAt, expires_at: expiresAt, used_at: usedAt } = row
  return {
    id,
    account,
    label,
    scopes: scopes.filter(scope => row.scopes.split(' ').includes(scope)),
    createdAt,
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(usedAt === null ? {} : { usedAt }),
  }
}
