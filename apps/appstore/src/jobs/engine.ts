import { AppstoreError } from '../errors/error.ts'
import type { JobId } from '../model/id.ts'
import { ended, type Job } from '../model/job.ts'
import { redactor } from '../secrets/redact.ts'
import type { NewJob } from '../store/jobs.ts'
import type { Store } from '../store/store.ts'
import { JobContext } from './context.ts'
import type { Planner } from './definition.ts'
import { EventLog } from './event-log.ts'
import { failureOf } from './failure.ts'
import { perform } from './perform.ts'

/** Settings of the engine. */
export interface EngineOptions {
  readonly store: Store
  readonly plan: Planner
  /** Jobs that run at the same time, 1 to 100. */
  readonly concurrency: number
  /** Told of what nobody expected, such as a full disk below the database. */
  readonly onFault?: (error: unknown) => void
  /** Called when a job has ended. */
  readonly onEnd?: (id: JobId) => void
}

/**
 * Runs jobs: in the order in which they were queued, so many at once, one for each install. What runs when the process
 * ends, however that was, goes on after the next start.
 */
export class JobEngine {
  readonly events: EventLog
  readonly #options: EngineOptions
  readonly #running = new Map<JobId, { readonly cancel: AbortController; readonly finished: Promise<void> }>()
  #waiting: JobId[] = []
  #isStarted = false
  readonly #stop = new AbortController()

  constructor(options: EngineOptions) {
    this.#options = options
    this.events = new EventLog(options.store)
  }

  /** Begins, with what an earlier process left. */
  start(): void {
    this.#isStarted = true
    this.#waiting = this.#options.store.jobs.unfinished().map(({ id }) => id)
    this.#next()
  }

  /**
   * Queues a job, with `prepare` in the same change of the database; the job of an idempotency key that was used before is
   * given back as it is.
   * @throws {AppstoreError} `APPSTORE_BUSY` when the install has a job that has not ended.
   */
  submit(job: NewJob, prepare?: () => void): Job {
    const { store } = this.#options
    const earlier = job.idempotencyKey === undefined ? undefined : store.jobs.byKey(job.idempotencyKey)
    if (earlier !== undefined) return same(earlier, job)
    store.transaction(() => {
      const [active] = store.jobs.list({ install: job.install, states: ['queued', 'running', 'undoing'], limit: 1 })
      if (active !== undefined) {
        throw new AppstoreError('APPSTORE_BUSY', `Job ${active.id} (${active.kind}) works on this install`)
      }
      prepare?.()
      store.jobs.add(job)
    })
    this.events.add(job.id, { kind: 'state', data: { state: 'queued' } })
    this.#waiting.push(job.id)
    if (this.#isStarted) setImmediate(() => this.#next())
    return store.jobs.get(job.id) as Job
  }

  /**
   * Asks a job to end; what it began is taken back, unless it is beyond that.
   * @throws {AppstoreError} `APPSTORE_NOT_FOUND`, `APPSTORE_WRONG_STATE` when it has ended.
   */
  cancel(id: JobId): void {
    const { store } = this.#options
    const job = store.jobs.get(id)
    if (job === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such job')
    if (!store.jobs.requestCancel(id))
      throw new AppstoreError('APPSTORE_WRONG_STATE', `The job has ended: ${job.state}`)
    this.events.add(id, { kind: 'log', level: 'info', text: 'Cancel was asked for' })
    this.#running.get(id)?.cancel.abort()
  }

  /** Resolves when the job has ended, or the engine stops; with the job. */
  async finished(id: JobId, signal?: AbortSignal): Promise<Job> {
    const look = (): Job => {
      const job = this.#options.store.jobs.get(id)
      if (job === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such job')
      return job
    }
    if (ended.includes(look().state)) return look()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = this.events.follow(id, this.events.last(id), event => {
      if (event.kind === 'state' && ended.includes(event.data?.state as Job['state'])) resolve()
    })
    const give = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', give, { once: true })
    try {
      if (!ended.includes(look().state)) await promise
    } finally {
      stop()
      signal?.removeEventListener('abort', give)
    }
    return look()
  }

  /** How many run, and how many wait. */
  get load(): { readonly running: number; readonly queued: number } {
    return { running: this.#running.size, queued: this.#waiting.length }
  }

  /** Ends what runs without taking it back: the next start goes on with it. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#running.values()].map(({ finished }) => finished))
    this.events.flush()
  }

  #next(): void {
    while (!this.#stop.signal.aborted && this.#running.size < this.#options.concurrency) {
      const id = this.#waiting.shift()
      if (id === undefined) return
      const cancel = new AbortController()
      const finished = this.#run(id, cancel)
        .catch(error => this.#options.onFault?.(error))
        .finally(() => {
          this.#running.delete(id)
          this.#next()
        })
      this.#running.set(id, { cancel, finished })
    }
  }

  async #run(id: JobId, cancel: AbortController): Promise<void> {
    const { store, plan: planner } = this.#options
    const job = store.jobs.get(id)
    if (job === undefined || ended.includes(job.state)) return
    if (job.cancelRequested) cancel.abort()
    let plan: Awaited<ReturnType<Planner>>
    try {
      plan = await planner(job)
    } catch (error) {
      const failure = failureOf(error, text => text)
      store.jobs.setState(id, 'failed', failure)
      this.events.add(id, { kind: 'state', data: { state: 'failed', failure } })
      return this.#ended(id)
    }
    const signals = { cancel: cancel.signal, stop: this.#stop.signal }
    const context = new JobContext(job, signals.stop, store, this.events, redactor(plan.secrets ?? []))
    if ((await perform(plan, context, store, signals)) !== undefined) this.#ended(id)
  }

  #ended(id: JobId): void {
    this.events.end(id)
    this.#options.onEnd?.(id)
  }
}

function same(earlier: Job, { kind, install, input, principal }: NewJob): Job {
  const isSame =
    earlier.kind === kind &&
    earlier.principal === principal &&
    (kind === 'install' || earlier.install === install) &&
    JSON.stringify(earlier.input) === JSON.stringify(input)
  if (isSame) return earlier
  throw new AppstoreError('APPSTORE_IDEMPOTENCY_MISMATCH', 'The idempotency key was used for another request')
}
