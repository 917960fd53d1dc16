import { fdatasync } from 'node:fs'
import { isPrivexecError, PrivexecError } from '../errors/error.ts'
import { type AuditPosition, isSealable } from './chain.ts'
import { ChainFile } from './chain-file.ts'
import { checkFolder } from './file.ts'
import { openLock, type ProcessLock } from './lock.ts'
import type { AuditRecord } from './record.ts'
import { openReserve, type Reserve } from './reserve.ts'
import { asciiJson } from './text.ts'
import { systemCode, unavailable } from './unavailable.ts'

export interface AuditOptions {
  /** Absolute path. Lock, reserve and full segments stand beside it, so its directory belongs to the account too. */
  readonly file: string
  /** A file that has reached this size is closed and the next one begun. Bytes, default 64 MiB. */
  readonly maxBytes?: number
  /** How long to wait for other processes, in milliseconds; default 60,000. */
  readonly lockTimeout?: number
}

export interface AppendOptions {
  /** `durable`: on the disk. `written`: in the file, safe from the end of this process but not from a power failure. */
  readonly until: 'durable' | 'written'
}

/** An audit file that is open for appending. */
export interface AuditLog {
  readonly file: string
  /** Rejects with `PRIVEXEC_AUDIT_UNAVAILABLE` or `PRIVEXEC_AUDIT_BROKEN`; then the record is not in the file. */
  append(record: AuditRecord, options: AppendOptions): Promise<AuditPosition>
  /** The last record of the file, whoever wrote it, once it is durable. */
  head(): Promise<AuditPosition>
  /** Goes on in a new file after the old one was moved away, as on SIGHUP. */
  reopen(): Promise<void>
  /** Waits for what was appended, and makes all of it durable. */
  close(): Promise<void>
}

/** Opens an audit file, or begins one; the first record of an absent file has sequence 1. */
export async function openAudit(options: AuditOptions): Promise<AuditLog> {
  checkFolder(options.file)
  const lock = openLock(`${options.file}.lock`)
  const chain = new ChainFile(options.file, options.maxBytes ?? 67_108_864)
  const writer = new Writer(chain, lock, openReserve(options.file), options.lockTimeout ?? 60_000)
  try {
    await writer.exclusively(() => chain.open())
  } catch (error) {
    chain.close()
    lock.close()
    throw error
  }
  return writer
}

interface Entry {
  readonly json: string
  /** An intent may not use the reserve. */
  readonly isIntent: boolean
  readonly durable: boolean
  readonly resolve: (position: AuditPosition) => void
  readonly reject: (error: unknown) => void
}

interface Waiter extends Pick<Entry, 'resolve' | 'reject'> {
  readonly position: AuditPosition
}

/**
 * Group commit: what is appended in one turn of the event loop is one write; while a sync is running, durable records
 * collect for the next. The writes of all processes have one order, that of the lock.
 */
class Writer implements AuditLog {
  readonly #chain: ChainFile
  readonly #lock: ProcessLock
  readonly #reserve: Reserve
  readonly #lockTimeout: number
  #queue: Entry[] = []
  #waiting: Waiter[] = []
  #isScheduled = false
  #isSyncing = false
  #isClosed = false
  #closed: Promise<void> | undefined
  /** A written record may not be on the disk yet. */
  #isUnsynced = false
  #idle: (() => void)[] = []

  constructor(chain: ChainFile, lock: ProcessLock, reserve: Reserve, lockTimeout: number) {
    this.#chain = chain
    this.#lock = lock
    this.#reserve = reserve
    this.#lockTimeout = lockTimeout
  }

  get file(): string {
    return this.#chain.path
  }

  append(record: AuditRecord, { until }: AppendOptions): Promise<AuditPosition> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw unavailable(this.file, 'is closed')
      const json = asciiJson(record)
      if (!isSealable(json))
        throw new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', 'An audit record is too long, or not one', {
          field: 'record',
        })
      const durable = until === 'durable'
      this.#queue.push({ json, isIntent: record.event.type.includes('start'), durable, resolve, reject })
      if (!durable || !this.#isSyncing) this.#schedule()
    })
  }

  async head(): Promise<AuditPosition> {
    const position = await this.exclusively(() => {
      this.#chain.refresh()
      return this.#chain.last
    })
    await this.#synced()
    return position
  }

  reopen(): Promise<void> {
    return this.exclusively(() => this.#chain.reopen())
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    if (this.#isUnsynced && this.#chain.fd >= 0) await this.#synced().catch(() => {})
    if (this.#isBusy()) await new Promise<void>(resolve => this.#idle.push(resolve))
    this.#chain.close()
    this.#lock.close()
  }

  /** Runs `action` under the lock between processes. `action` is synchronous, so nobody else of this process is in it. */
  async exclusively<T>(action: () => T): Promise<T> {
    const deadline = performance.now() + this.#lockTimeout
    for (let attempts = 0; !this.#lock.tryAcquire(); attempts += 1) {
      if (performance.now() > deadline) throw unavailable(this.file, 'another process holds its lock')
      // A turn of the holder takes some tens of microseconds; one that takes longer waits for a disk, or for a processor,
      // which many that ask again and again would keep from it.
      const delay = Math.min(attempts / 10, 30) * (0.5 + Math.random())
      await new Promise<void>(resolve => (attempts < 20 ? setImmediate(resolve) : setTimeout(resolve, delay)))
    }
    try {
      return action()
    } catch (error) {
      throw isPrivexecError(error) ? error : unavailable(this.file, 'cannot be used', error)
    } finally {
      this.#lock.release()
    }
  }

  /** Resolves when what was written until now is durable. */
  #synced(): Promise<AuditPosition> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position: this.#chain.last, resolve, reject })
      this.#sync()
    })
  }

  #isBusy(): boolean {
    return this.#isScheduled || this.#isSyncing || this.#queue.length > 0 || this.#waiting.length > 0
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => this.#flush())
  }

  async #flush(): Promise<void> {
    let batch: Entry[] = []
    try {
      await this.exclusively(() => {
        batch = this.#queue
        this.#queue = []
        this.#refresh()
        this.#write(this.#admit(batch))
      })
    } catch (error) {
      // Without the lock, nothing was taken from the queue.
      if (batch.length === 0) batch = this.#queue.splice(0)
      for (const entry of batch) entry.reject(error)
    }
    this.#isScheduled = false
    if (this.#queue.length > 0 && !this.#isSyncing) this.#schedule()
    this.#sync()
  }

  #refresh(): void {
    try {
      this.#chain.refresh()
    } catch (error) {
      // A torn record is set aside in space of its own.
      if (!isFull((error as Error).cause) || !this.#reserve.give(0)) throw error
      this.#chain.refresh()
    }
  }

  /** Refuses the intents of a batch while the reserve is not whole: their outcomes might find no space. */
  #admit(batch: Entry[]): Entry[] {
    if (!batch.some(entry => entry.isIntent) || this.#reserve.restore()) return batch
    return this.#refuseIntents(batch, unavailable(this.file, 'there is no space to restore its reserve'))
  }

  #refuseIntents(batch: Entry[], error: unknown): Entry[] {
    for (const entry of batch) if (entry.isIntent) entry.reject(error)
    return batch.filter(entry => !entry.isIntent)
  }

  #write(batch: Entry[]): void {
    if (batch.length === 0) return
    try {
      const positions = this.#chain.append(batch.map(entry => entry.json))
      for (const [index, entry] of batch.entries()) this.#written(entry, positions[index] as AuditPosition)
    } catch (error) {
      const cause = (error as Error).cause
      const others = this.#refuseIntents(batch, error)
      const bytes = others.reduce((sum, entry) => sum + entry.json.length + 512, 0)
      if (isFull(cause) && others.length > 0 && this.#reserve.give(bytes)) this.#write(others)
      else for (const entry of others) entry.reject(error)
    }
  }

  #written(entry: Entry, position: AuditPosition): void {
    if (entry.durable) this.#waiting.push({ position, resolve: entry.resolve, reject: entry.reject })
    else {
      this.#isUnsynced = true
      entry.resolve(position)
    }
  }

  #sync(): void {
    if (this.#isSyncing) return
    this.#chain.closeRetired()
    if (this.#waiting.length === 0) {
      if (!this.#isBusy()) for (const resolve of this.#idle.splice(0)) resolve()
      return
    }
    this.#isSyncing = true
    this.#isUnsynced = false
    const waiters = this.#waiting
    this.#waiting = []
    fdatasync(this.#chain.fd, error => {
      this.#isSyncing = false
      const failure = error === null ? undefined : unavailable(this.file, 'cannot be made durable', error)
      for (const { position, resolve, reject } of waiters) {
        if (failure === undefined) resolve(position)
        else reject(failure)
      }
      if (this.#queue.length > 0) this.#schedule()
      this.#sync()
    })
  }
}

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')
