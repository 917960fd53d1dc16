import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type Principal, type Role, roles } from './scope.ts'

/** A session as it is shown. */
export interface Session {
  readonly id: string
  readonly account: string
  /** Address and program of who logged in. */
  readonly client: string
  readonly createdAt: number
  readonly usedAt: number
}

interface Row {
  readonly id: string
  readonly account: string
  readonly csrf: string
  readonly client: string
  readonly created_at: number
  readonly used_at: number
  readonly role: Role
}

const hour = 3_600_000
/** A session ends when it was not used for so long, and at the latest so long after its beginning, in milliseconds. */
export const sessionLimits = { idle: 12 * hour, total: 7 * 24 * hour } as const
const freshness = 60_000

/** Logins by the page. Its cookie is random; what is kept is a digest, so that the database opens no session. */
export class Sessions {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Begins a session; `cookie` is for the browser, `csrf` for the page. */
  create(account: string, client: string, now = Date.now()): { readonly cookie: string; readonly csrf: string } {
    const cookie = randomBytes(32).toString('base64url')
    const csrf = randomBytes(32).toString('base64url')
    this.#database
      .prepare(
        'INSERT INTO sessions (id, account, digest, csrf, client, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(randomBytes(8).toString('hex'), account, digest(cookie), csrf, client.slice(0, 200), now, now)
    this.#database.prepare('DELETE FROM sessions WHERE used_at < ? OR created_at < ?').run(...oldest(now))
    return { cookie, csrf }
  }

  /** Who has the cookie, or undefined when the session has ended. */
  recognise(cookie: string, now = Date.now()): (Principal & { readonly csrf: string }) | undefined {
    const row = this.#database
      .prepare('SELECT s.*, a.role FROM sessions s JOIN accounts a ON a.name = s.account WHERE s.digest = ?')
      .get(digest(cookie)) as Row | undefined
    const [idle, total] = oldest(now)
    if (row === undefined || row.used_at < idle || row.created_at < total) return undefined
    if (now - row.used_at > freshness) {
      this.#database.prepare('UPDATE sessions SET used_at = ? WHERE id = ?').run(now, row.id)
    }
    return { name: row.account, scopes: roles[row.role] ?? [], via: 'session', id: row.id, csrf: row.csrf }
  }

  list(account?: string, now = Date.now()): readonly Session[] {
    const rows = this.#database.prepare('SELECT * FROM sessions ORDER BY used_at DESC').all() as unknown as Row[]
    const [idle, total] = oldest(now)
    return rows
      .filter(
        row => (account === undefined || row.account === account) && row.used_at >= idle && row.created_at >= total,
      )
      .map(row => ({
        id: row.id,
        account: row.account,
        client: row.client,
        createdAt: row.created_at,
        usedAt: row.used_at,
      }))
  }

  /** Whether there was one. */
  end(id: string): boolean {
    return this.#database.prepare('DELETE FROM sessions WHERE id = ?').run(id).changes === 1
  }
}

/** Whether both are the same, in a time that does not tell how much of it is. */
export function isSameToken(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

const oldest = (now: number): [idle: number, total: number] => [now - sessionLimits.idle, now - sessionLimits.total]

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
