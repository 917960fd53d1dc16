import {
  calls,
  isProxmoxError,
  type Proxmox,
  ProxmoxError,
  parseUpid,
  type TaskResult,
  type Upid,
} from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import { isCancel, withoutCancel } from '../jobs/signals.ts'
import type { FinishOptions } from './door.ts'

/** How long tasks may take, in milliseconds, by what they do. */
export interface TaskLimits {
  /** Starts, stops, snapshots, the destruction of a guest, and whatever is not named below. */
  readonly task: number
  /** Making a guest, or fetching a template. */
  readonly create: number
  /** Backups and restores. */
  readonly copy: number
  /** What a shutdown may take beyond `task`: as long as the guest is given for it. */
  readonly shutdown: number
}

/** Milliseconds that a task which was told to stop may take; Proxmox kills its worker 5 seconds later. */
const stopLimit = 30_000

const kinds: Readonly<Record<string, Exclude<keyof TaskLimits, 'shutdown'>>> = {
  vzcreate: 'create',
  download: 'create',
  vzdump: 'copy',
  vzrestore: 'copy',
}

/**
 * Types of tasks that a cancel waits for: to end them half-way may leave a volume that no guest has. They only rename, so
 * that takes a moment.
 */
const whole: ReadonlySet<string> = new Set(['move_volume'])

function limitOf(type: string, limits: TaskLimits): number {
  const limit = limits[kinds[type] ?? 'task']
  return type === 'vzshutdown' ? limit + limits.shutdown : limit
}

/**
 * Waits for tasks, and ends those that take longer than their kind may, or that a cancel is for. When the daemon stops they
 * go on: whoever goes on with the job waits for them again.
 */
export class TaskKeeper {
  readonly #client: Pick<Proxmox, 'finish' | 'follow' | 'send'>
  readonly #limits: TaskLimits
  readonly #stopLimit: number
  /** Tasks that were told to stop, and went on. */
  readonly #stuck = new Set<Upid>()

  constructor(client: Pick<Proxmox, 'finish' | 'follow' | 'send'>, limits: TaskLimits) {
    this.#client = client
    this.#limits = limits
    this.#stopLimit = Math.min(stopLimit, limits.task)
  }

  /**
   * Gives back how a task ended, if well; rejects with the error of a task that failed. One that was ended early rejects
   * with `PROXMOX_TASK_TIMED_OUT` or `PROXMOX_CANCELLED`; what it has done up to then is to be looked at.
   * @throws {AppstoreError} `APPSTORE_TASK_STUCK` when it can be neither waited for nor ended.
   */
  async finish(upid: Upid, { signal, onLine }: FinishOptions): Promise<TaskResult> {
    const { type } = parseUpid(upid)
    const heeded = whole.has(type) ? withoutCancel(signal) : signal
    const timeout = this.#stuck.has(upid) ? this.#stopLimit : limitOf(type, this.#limits)
    try {
      return await this.#client.finish(upid, { signal: heeded, timeout, onLine, onAbort: 'leave' })
    } catch (error) {
      const isLate = isProxmoxError(error) && error.code === 'PROXMOX_TASK_TIMED_OUT'
      if (!isLate && !isCancel(heeded)) throw error
      const ended = await this.#end(upid, withoutCancel(signal))
      if (ended.state === 'ok' || ended.state === 'warnings') return ended
      if (!isLate) throw error
      const text = `${upid}: not ended within ${Math.round(timeout / 1000)} s, and stopped therefore`
      throw new ProxmoxError('PROXMOX_TASK_TIMED_OUT', text, { upid, log: ended.log, mayHaveRun: true, cause: error })
    }
  }

  async #end(upid: Upid, signal: AbortSignal | undefined): Promise<TaskResult> {
    const { node } = parseUpid(upid)
    try {
      // Whether the request arrived, the task itself tells.
      await this.#client.send(calls.tasks.stop.call({ node, upid }), { signal }).catch(() => {})
      const ended = await this.#client.follow(upid, { signal, timeout: this.#stopLimit, onAbort: 'leave' })
      this.#stuck.delete(upid)
      return ended
    } catch (cause) {
      if (signal?.aborted) throw cause
      this.#stuck.add(upid)
      throw new AppstoreError('APPSTORE_TASK_STUCK', `${upid} goes on, although it was told to stop`, { cause })
    }
  }
}
