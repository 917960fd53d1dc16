import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { InstallId, JobId } from '../model/id.ts'
import type { Job, JobFailure, JobKind, JobState, StepRecord } from '../model/job.ts'
import { transaction } from './open.ts'

type Row = Readonly<Record<string, string | number | null>>

/** A job to be queued. */
export interface NewJob {
  readonly id: JobId
  readonly kind: JobKind
  readonly install: InstallId
  readonly principal: string
  readonly input: Readonly<Record<string, unknown>>
  /** The same key gives the same job. */
  readonly idempotencyKey?: string
}

/** What may be asked of jobs: newest first, before one, of an install or in some states. `limit` 1 to 1,000. */
export interface JobQuery {
  readonly install?: InstallId
  readonly states?: readonly JobState[]
  readonly before?: JobId
  readonly limit?: number
}

/** Jobs and what became of their steps. Each write is on the disk when it returns. */
export class JobTable {
  readonly #database: DatabaseSync
  readonly #add: StatementSync
  readonly #get: StatementSync
  readonly #byKey: StatementSync
  readonly #state: StatementSync
  readonly #facts: StatementSync
  readonly #cancel: StatementSync
  readonly #unfinished: StatementSync
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #setStep: StatementSync
  readonly #steps: StatementSync
  readonly #prune: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#add = database.prepare(
      `INSERT INTO jobs (id, kind, install, state, principal, input, facts, idempotency_key, created_at)
       VALUES (?, ?, ?, 'queued', ?, ?, '{}', ?, ?)`,
    )
    this.#get = database.prepare('SELECT * FROM jobs WHERE id = ?')
    this.#byKey = database.prepare('SELECT * FROM jobs WHERE idempotency_key = ?')
    this.#state = database.prepare(
      `UPDATE jobs SET state = ?1, failure = coalesce(?2, failure),
         started_at = CASE WHEN ?1 = 'running' THEN coalesce(started_at, ?3) ELSE started_at END,
         ended_at = CASE WHEN ?1 IN ('succeeded', 'failed', 'cancelled') THEN ?3 ELSE NULL END
       WHERE id = ?4`,
    )
    this.#facts = database.prepare('UPDATE jobs SET facts = ? WHERE id = ?')
    this.#cancel = database.prepare(
      "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state IN ('queued', 'running', 'undoing')",
    )
    this.#unfinished = database.prepare(
      "SELECT * FROM jobs WHERE state IN ('queued', 'running', 'undoing') ORDER BY created_at, id",
    )
    this.#begin = database.prepare(
      `INSERT INTO steps (job, name, state, began_at) VALUES (?1, ?2, 'begun', ?3)
       ON CONFLICT (job, name) DO UPDATE SET state = 'begun', ended_at = NULL`,
    )
    this.#setStep = database.prepare('UPDATE jobs SET step = ? WHERE id = ?')
    this.#end = database.prepare('UPDATE steps SET state = ?, ended_at = ? WHERE job = ? AND name = ?')
    this.#steps = database.prepare('SELECT * FROM steps WHERE job = ? ORDER BY began_at')
    this.#prune = database.prepare('DELETE FROM jobs WHERE ended_at < ?')
  }

  /** Queues a job. SQLite's constraint error says that the install has one already, or that the key was used. */
  add({ id, kind, install, principal, input, idempotencyKey }: NewJob, now = Date.now()): void {
    this.#add.run(id, kind, install, principal, JSON.stringify(input), idempotencyKey ?? null, now)
  }

  get(id: JobId): Job | undefined {
    return read(this.#get.get(id))
  }

  byKey(key: string): Job | undefined {
    return read(this.#byKey.get(key))
  }

  list({ install, states, before, limit = 50 }: JobQuery = {}): readonly Job[] {
    const conditions: string[] = []
    const values: (string | number)[] = []
    const where = (condition: string, ...given: string[]): void => {
      conditions.push(condition)
      values.push(...given)
    }
    if (install !== undefined) where('install = ?', install)
    if (states !== undefined) where(`state IN (${states.map(() => '?').join(', ')})`, ...states)
    if (before !== undefined) where('id < ?', before)
    const text = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const statement = this.#database.prepare(`SELECT * FROM jobs ${text} ORDER BY id DESC LIMIT ?`)
    return statement.all(...values, Math.min(limit, 1000)).map(row => read(row) as Job)
  }

  /** Those that have not ended, oldest first. */
  unfinished(): readonly Job[] {
    return this.#unfinished.all().map(row => read(row) as Job)
  }

  setState(id: JobId, state: JobState, failure?: JobFailure, now = Date.now()): void {
    this.#state.run(state, failure === undefined ? null : JSON.stringify(failure), now, id)
  }

  setFacts(id: JobId, facts: Readonly<Record<string, unknown>>): void {
    this.#facts.run(JSON.stringify(facts), id)
  }

  /** Whether it could still be asked to end. */
  requestCancel(id: JobId): boolean {
    return this.#cancel.run(id).changes === 1
  }

  beginStep(id: JobId, name: string, now = Date.now()): void {
    transaction(this.#database, () => {
      this.#begin.run(id, name, now)
      this.#setStep.run(name, id)
    })
  }

  endStep(id: JobId, name: string, state: 'done' | 'undone', now = Date.now()): void {
    this.#end.run(state, now, id, name)
  }

  steps(id: JobId): readonly StepRecord[] {
    return (this.#steps.all(id) as Row[]).map(({ name, state, began_at, ended_at }) => ({
      name: name as string,
      state: state as StepRecord['state'],
      beganAt: began_at as number,
      ...(ended_at === null ? {} : { endedAt: ended_at as number }),
    }))
  }

  /** Removes jobs that ended before a time, with their steps and events; returns how many. */
  prune(endedBefore: number): number {
    return Number(this.#prune.run(endedBefore).changes)
  }
}

function read(row: unknown): Job | undefined {
  if (row === undefined) return undefined
  const { id, kind, install, state, principal, input, facts, step, failure, ...rest } = row as Row
  return {
    id: id as JobId,
    kind: kind as JobKind,
    install: install as InstallId,
    state: state as JobState,
    principal: principal as string,
    input: JSON.parse(input as string) as Job['input'],
    facts: JSON.parse(facts as string) as Job['facts'],
    ...(step === null ? {} : { step: step as string }),
    ...(failure === null ? {} : { failure: JSON.parse(failure as string) as JobFailure }),
    cancelRequested: rest.cancel_requested === 1,
    createdAt: rest.created_at as number,
    ...(rest.started_at === null ? {} : { startedAt: rest.started_at as number }),
    ...(rest.ended_at === null ? {} : { endedAt: rest.ended_at as number }),
  }
}
