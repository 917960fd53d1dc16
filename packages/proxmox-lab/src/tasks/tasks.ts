import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../state/store.ts'
import type { TaskRecord } from '../state/types.ts'
import { formatUpid } from './upid.ts'

/** What a worker has of its task. */
export interface Worker {
  readonly upid: string
  /** Adds lines to the log. */
  log(text: string): void
  /** Adds a warning: the task then ends with `WARNINGS: n`, which is a success. */
  warn(text: string): void
  /** Given when somebody stops the task; what the worker waits for should end by it. */
  readonly signal: AbortSignal
}

/** What tests make of the next tasks. */
export type TaskFault = 'hang' | 'hang-after' | 'stuck' | 'fail' | 'fail-after' | 'warn'

interface Running {
  readonly controller: AbortController
  readonly done: Promise<void>
  readonly isStuck: boolean
}

const hang = (signal: AbortSignal): Promise<void> => sleep(2 ** 31 - 1, undefined, { signal, ref: false })

/** Tasks and their logs; a task that is running when the lab ends is found as broken by the next one. */
export class Tasks {
  readonly #store: Store
  readonly #node: string
  readonly #running = new Map<string, Running>()
  readonly #milliseconds: number
  readonly #bootedAt = Date.now()
  /** Given when the lab ends: nothing outlasts that. */
  readonly #ending = new AbortController()
  #lastPid = 4096 + Math.floor(Math.random() * 4096)

  /** `milliseconds`: how long a task takes at least. */
  constructor(store: Store, node: string, milliseconds: number) {
    this.#store = store
    this.#node = node
    this.#milliseconds = milliseconds
    mkdirSync(join(store.directory, 'tasks'), { recursive: true })
    for (const record of store.state.tasks) if (record.exitstatus === undefined) this.#end(record, 'unexpected status')
  }

  /** Starts a worker and answers with its UPID, before anything of it has run. */
  start(type: string, id: string, user: string, work: (worker: Worker) => Promise<void>, fault?: TaskFault): string {
    this.#lastPid += 1 + Math.floor(Math.random() * 40)
    const starttime = Math.floor(Date.now() / 1000)
    const pstart = 600_000 + Math.floor((Date.now() - this.#bootedAt) / 10)
    const parts = { node: this.#node, pid: this.#lastPid, pstart, starttime, type, id, user }
    const record: TaskRecord = { upid: formatUpid(parts), type, id, user, pid: parts.pid, pstart, starttime }
    this.#store.state.tasks.push(record)
    this.#store.save()
    const controller = new AbortController()
    const done = this.#run(record, controller, work, fault)
    this.#running.set(record.upid, { controller, done, isStuck: fault === 'stuck' })
    return record.upid
  }

  async #run(
    record: TaskRecord,
    controller: AbortController,
    work: (worker: Worker) => Promise<void>,
    fault: TaskFault | undefined,
  ): Promise<void> {
    const { signal } = controller
    let warnings = 0
    const log = (text: string): void => appendFileSync(this.#logFile(record.upid), `${text}\n`)
    const warn = (text: string): void => {
      warnings += 1
      log(`WARN: ${text}`)
    }
    let outcome: string
    try {
      await sleep(this.#milliseconds, undefined, { signal })
      if (fault === 'stuck') await hang(this.#ending.signal)
      if (fault === 'hang') await hang(signal)
      if (fault === 'fail') throw new Error('fault of the lab: the task fails before it does anything')
      await work({ upid: record.upid, log, warn, signal })
      if (fault === 'hang-after') await hang(signal)
      if (fault === 'fail-after') throw new Error('fault of the lab: the task fails after its work')
      if (fault === 'warn') warn('fault of the lab: a warning')
      outcome = warnings > 0 ? `WARNINGS: ${warnings}` : 'OK'
    } catch (error) {
      outcome = signal.aborted ? 'received interrupt' : (error as Error).message.replace(/\s*\n\s*/g, ' ').trim()
    }
    log(
      outcome === 'OK'
        ? 'TASK OK'
        : warnings > 0 && outcome.startsWith('WARNINGS')
          ? `TASK ${outcome}`
          : `TASK ERROR: ${outcome}`,
    )
    this.#running.delete(record.upid)
    this.#end(record, outcome)
  }

  #end(record: TaskRecord, exitstatus: string): void {
    record.exitstatus = exitstatus
    record.endtime = Math.floor(Date.now() / 1000)
    this.#store.save()
  }

  /** The record of a task of this node; undefined for one that nobody knows. */
  find(upid: string): TaskRecord | undefined {
    return this.#store.state.tasks.find(record => record.upid === upid)
  }

  /** Whether the worker still runs. */
  isRunning(upid: string): boolean {
    return this.#running.has(upid)
  }

  /** Stops a running worker and waits until it has ended, which one that is stuck does not. */
  async stop(upid: string): Promise<void> {
    const running = this.#running.get(upid)
    running?.controller.abort()
    if (running?.isStuck !== true) await running?.done
  }

  /** Stops all workers. */
  async stopAll(): Promise<void> {
    this.#ending.abort()
    await Promise.all([...this.#running.keys()].map(upid => this.stop(upid)))
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  /** Waits until a task has ended. */
  async wait(upid: string): Promise<void> {
    await this.#running.get(upid)?.done
  }

  /** Lines of a task's log. */
  log(upid: string): string[] {
    try {
      return readFileSync(this.#logFile(upid), 'utf8').split('\n').slice(0, -1)
    } catch {
      return []
    }
  }

  #logFile(upid: string): string {
    return join(this.#store.directory, 'tasks', upid.replaceAll(/[^A-Za-z0-9:@!._-]/g, '_'))
  }
}
