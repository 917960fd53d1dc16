import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JobId } from '../model/id.ts'
import type { JobEvent } from '../model/job.ts'
import { transaction } from './open.ts'

/** What was told about jobs. */
export class EventTable {
  readonly #database: DatabaseSync
  readonly #add: StatementSync
  readonly #page: StatementSync
  readonly #last: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#add = database.prepare('INSERT INTO events (job, seq, at, body) VALUES (?, ?, ?, ?)')
    this.#page = database.prepare('SELECT seq, at, body FROM events WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?')
    this.#last = database.prepare('SELECT max(seq) AS last FROM events WHERE job = ?')
  }

  /** Adds several at once; all or none. */
  add(events: readonly { readonly job: JobId; readonly event: JobEvent }[]): void {
    if (events.length === 0) return
    transaction(this.#database, () => {
      for (const { job, event } of events) {
        const { seq, at, ...body } = event
        this.#add.run(job, seq, at, JSON.stringify(body))
      }
    })
  }

  /** Those after a number, oldest first, at most `limit`. */
  page(job: JobId, after: number, limit: number): readonly JobEvent[] {
    const rows = this.#page.all(job, after, limit) as { seq: number; at: number; body: string }[]
    return rows.map(({ seq, at, body }) => ({ seq, at, ...(JSON.parse(body) as Omit<JobEvent, 'seq' | 'at'>) }))
  }

  /** Number of the last one, 0 when there is none. */
  last(job: JobId): number {
    return (this.#last.get(job) as { last: number | null }).last ?? 0
  }
}
