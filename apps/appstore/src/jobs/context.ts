import type { Job, JobEvent, LogLevel } from '../model/job.ts'
import type { Store } from '../store/store.ts'
import type { StepContext } from './definition.ts'
import type { EventLog } from './event-log.ts'

/** The context of one job; the step it speaks of is set by who runs the steps. */
export class JobContext implements StepContext {
  readonly job: Job
  readonly signal: AbortSignal
  /** Shared with the copies that {@link with} makes. */
  readonly #known: { facts: Readonly<Record<string, unknown>> }
  readonly #store: Store
  readonly #events: EventLog
  readonly #hide: (text: string) => string

  constructor(
    job: Job,
    signal: AbortSignal,
    store: Store,
    events: EventLog,
    hide: (text: string) => string,
    known = { facts: job.facts },
  ) {
    this.job = job
    this.signal = signal
    this.#known = known
    this.#store = store
    this.#events = events
    this.#hide = hide
  }

  /** The same job with another signal, such as one that is never given. */
  with(signal: AbortSignal): JobContext {
    return new JobContext(this.job, signal, this.#store, this.#events, this.#hide, this.#known)
  }

  get facts(): Readonly<Record<string, unknown>> {
    return this.#known.facts
  }

  save(facts: Readonly<Record<string, unknown>>): void {
    const all = { ...this.#known.facts, ...facts }
    this.#store.jobs.setFacts(this.job.id, all)
    this.#known.facts = all
  }

  log(level: LogLevel, text: string): void {
    this.tell({ kind: 'log', level, text })
  }

  progress(share: number, text?: string): void {
    this.tell({ kind: 'progress', data: { share }, ...(text === undefined ? {} : { text }) })
  }

  output(key: string, value: unknown): void {
    this.tell({ kind: 'output', data: { key, value } })
  }

  /** Text that may be shown: no secret of the job is in it. */
  hide(text: string): string {
    return this.#hide(text)
  }

  tell(event: Omit<JobEvent, 'seq' | 'at'>): void {
    const { text, data, ...rest } = event
    this.#events.add(this.job.id, {
      ...rest,
      ...(text === undefined ? {} : { text: this.#hide(text) }),
      ...(data === undefined ? {} : { data: JSON.parse(this.#hide(JSON.stringify(data))) as Record<string, unknown> }),
    })
  }
}
