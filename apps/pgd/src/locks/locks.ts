import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { throwIfCancelled } from '../errors/cancel.ts'
import { PgdError } from '../errors/error.ts'
import { type LockMode, tryLock } from './file.ts'
import { forgetOwners, locksIn, noteOwner, ownersOf } from './owners.ts'

export type { LockMode } from './file.ts'

/** A lock by its name: `shop` or `shop/dev`, and in which way it is wanted. */
export interface Wanted {
  readonly name: string
  readonly mode: LockMode
}

export interface HoldOptions {
  /** What is done with it, for others who wait: `branch reset`. */
  readonly operation: string
  /** Milliseconds to wait for others, 30 s by default; 0 does not wait. */
  readonly wait?: number
  readonly signal?: AbortSignal | undefined
}

/** Locks by name, between all processes of this account. */
export interface Locks {
  /**
   * Runs something with some locks, which are taken one after the other in the order of their names, so that two who want
   * the same ones never wait for each other. A lock is not given twice to the same work. Rejects with `PGD_BUSY` when
   * others have one for too long, and with `PGD_CANCELLED`.
   */
  hold<T>(wanted: readonly Wanted[], options: HoldOptions, work: () => Promise<T>): Promise<T>
  /** Takes a lock if it is free; gives back what releases it. */
  take(wanted: Wanted, operation: string): (() => void) | undefined
  /** Removes the files of locks that nobody has, and notes of processes that were killed. */
  sweep(): void
}

const usualWait = 30_000

/** Opens the locks of a directory, which is made when it lacks: `$XDG_STATE_HOME/pgd/locks`. */
export function openLocks(directory: string): Locks {
  const take = ({ name, mode }: Wanted, operation: string): (() => void) | undefined => {
    const file = fileOf(name)
    const path = join(directory, file)
    const release = tryLock(path, mode)
    if (release === undefined) return undefined
    if (mode === 'exclusive') forgetOwners(directory, file)
    const forget = noteOwner(path, operation)
    return () => {
      forget()
      release()
    }
  }
  const makeDirectory = (): void => {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      const message = `The directory of locks ${directory} cannot be made: ${(cause as Error).message}`
      throw new PgdError('PGD_STORE_UNAVAILABLE', message, { cause })
    }
  }
  return {
    take: (wanted, operation) => {
      makeDirectory()
      return take(wanted, operation)
    },
    sweep: () => {
      makeDirectory()
      for (const file of locksIn(directory)) {
        ownersOf(directory, file)
        // Whoever releases it last removes the file.
        tryLock(join(directory, file), 'exclusive')?.()
      }
    },
    hold: async (wanted, options, work) => {
      makeDirectory()
      const end = performance.now() + (options.wait ?? usualWait)
      const releases: (() => void)[] = []
      try {
        for (const one of [...wanted].sort((a, b) => (a.name < b.name ? -1 : 1))) {
          releases.push(await waitFor(one, options, end))
        }
        return await work()
      } finally {
        for (const release of releases.reverse()) release()
      }
    },
  }

  async function waitFor(wanted: Wanted, { operation, signal }: HoldOptions, end: number): Promise<() => void> {
    for (let pause = 2; ; pause = Math.min(pause * 1.5, 50)) {
      throwIfCancelled(signal)
      const release = take(wanted, operation)
      if (release !== undefined) return release
      if (performance.now() >= end) throw busy(directory, wanted.name)
      // Those who wait for the same do not ask in step.
      await delay(pause * (0.5 + Math.random() / 2), undefined, signal && { signal }).catch(() => {})
    }
  }
}

/** Names hold no `.`, so two names never share a file. */
function fileOf(name: string): string {
  if (/^[A-Za-z0-9_:-]+(?:\/[A-Za-z0-9_:-]+)*$/.test(name)) return name.replaceAll('/', '.')
  throw new TypeError(`no name of a lock: ${JSON.stringify(name)}`)
}

function busy(directory: string, name: string): PgdError {
  const [owner, ...more] = ownersOf(directory, fileOf(name))
  if (owner === undefined) return new PgdError('PGD_BUSY', `${name} is in use`)
  const age = Math.max(0, Math.round((Date.now() - owner.since) / 1000))
  const others = more.length === 0 ? '' : `, and by ${more.length} more`
  const who = `process ${owner.pid} (${owner.operation.replace(/[^ -~]/g, '?')})`
  return new PgdError('PGD_BUSY', `${name} is in use by ${who} for ${age} s${others}`)
}
