import type { JobId } from '../model/id.ts'
import type { JobEvent } from '../model/job.ts'
import type { Store } from '../store/store.ts'

/** Told together: a program that prints fast must not make a write of each line. */
const flushAfter = 50
/** Events of one job that are kept; of a job that tells more, the rest is counted only. */
const mostOfJob = 20_000
const longestText = 4096

/** What a follower gets: the event, and the same as JSON, made once for all followers. */
export type Follower = (event: JobEvent, json: string) => void

/**
 * Tells what happens in jobs: to followers at once, to the store a moment later. Events of a process that is killed in that
 * moment are lost; what counts, states and steps, lies in tables of its own.
 */
export class EventLog {
  readonly #store: Store
  readonly #followers = new Map<JobId, Set<Follower>>()
  readonly #last = new Map<JobId, number>()
  #waiting: { job: JobId; event: JobEvent }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store) {
    this.#store = store
  }

  add(job: JobId, event: Omit<JobEvent, 'seq' | 'at'>): void {
    const seq = this.last(job) + 1
    const isState = event.kind === 'state' || event.kind === 'step'
    if (seq > mostOfJob && !isState) return
    const told: JobEvent =
      seq === mostOfJob && !isState
        ? {
            seq,
            at: Date.now(),
            kind: 'log',
            level: 'warn',
            text: 'The job tells more than is kept; the rest is left out',
          }
        : { ...event, ...(event.text === undefined ? {} : { text: clipped(event.text) }), seq, at: Date.now() }
    this.#last.set(job, seq)
    this.#waiting.push({ job, event: told })
    this.#timer ??= setTimeout(() => this.flush(), flushAfter)
    const followers = this.#followers.get(job)
    if (followers === undefined) return
    const json = JSON.stringify(told)
    for (const follower of [...followers]) follower(told, json)
  }

  /** Number of the last event of a job, also of one that was not written yet. */
  last(job: JobId): number {
    return this.#last.get(job) ?? this.#store.events.last(job)
  }

  /** Events after a number, oldest first. */
  page(job: JobId, after: number, limit: number): readonly JobEvent[] {
    this.flush()
    return this.#store.events.page(job, after, limit)
  }

  /**
   * Gives all events after a number, those of the past and then each new one, in order and once. The call returns when the
   * past was given; what it gives back ends the following.
   */
  follow(job: JobId, after: number, follower: Follower): () => void {
    let seen = after
    for (;;) {
      const page = this.page(job, seen, 1000)
      for (const event of page) follower(event, JSON.stringify(event))
      seen = page.at(-1)?.seq ?? seen
      if (page.length < 1000) break
    }
    const followers = this.#followers.get(job) ?? new Set()
    this.#followers.set(job, followers.add(follower))
    return () => {
      followers.delete(follower)
      if (followers.size === 0) this.#followers.delete(job)
    }
  }

  /** Forgets the counter of a job that has ended. */
  end(job: JobId): void {
    this.flush()
    this.#last.delete(job)
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    this.#store.events.add(waiting)
  }
}

const clipped = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)} (and ${text.length - longestText} more characters)`
