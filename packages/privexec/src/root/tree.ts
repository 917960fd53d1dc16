import { closeSync, openSync, rmdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { killThreads, readText, writeText } from './cgroup/files.ts'
import { enterHome, type Home } from './cgroup/home.ts'

/** All processes of one operation, whatever they do with their session, parent, environment or signals. */
export interface Tree {
  /** Directory of its control group, where it has one. */
  readonly directory?: string
  /**
   * Calls a function, synchronously, and returns what it returns. The processes that it starts are born in the tree, as
   * are all that descend from them.
   */
  within<T>(start: () => T): T
  /** Ends every process of the tree and resolves to their number, 0 when it is empty. Gives up after ten seconds. */
  kill(): Promise<number>
  /** Gives it back. One that still has processes is not used again. */
  release(): void
}

/** Trees of operations. */
export interface Trees {
  /** `marker` where there is no control group to be had: its trees do nothing, and only `end-operation` ends operations. */
  readonly kind: 'cgroup' | 'marker'
  /** An empty tree; it takes some microseconds. */
  take(): Tree
  /** Removes the directories of all trees. */
  close(): void
}

const noTree: Tree = { within: start => start(), kill: async () => 0, release: () => {} }

/** Where there are no control groups, or nobody wants any. */
export const noTrees: Trees = { kind: 'marker', take: () => noTree, close: () => {} }

/** Empty trees that are kept; making one takes a tenth of a millisecond. */
const most = 64

/** How long processes are waited for that were killed, in milliseconds: one inside the kernel ends when that lets it. */
const patience = 10_000

/**
 * Makes a control group (version 2) for this process, and trees below it. It belongs at the beginning: what this process
 * has started before stays where it was.
 */
export function openTrees(): Trees {
  let home: Home
  let first: Group
  try {
    home = enterHome()
  } catch {
    return noTrees
  }
  try {
    first = new Group(home)
    // What does not work with an empty one works with none.
    first.within(() => {})
    if (first.isPopulated) throw new Error('this thread did not come back')
  } catch {
    home.leave()
    return noTrees
  }
  const free = [first]
  const all = new Set(free)
  const take = (): Tree => {
    const group = free.pop() ?? new Group(home)
    all.add(group)
    let isReleased = false
    return {
      directory: group.directory,
      within: start => group.within(start),
      kill: () => group.kill(),
      release() {
        if (isReleased || group.isPopulated) return
        isReleased = true
        if (free.length < most) free.push(group)
        else {
          all.delete(group)
          group.remove()
        }
      },
    }
  }
  const close = (): void => {
    for (const group of all) group.remove()
    home.leave()
  }
  return { kind: 'cgroup', take, close }
}

/**
 * A threaded control group below that of this process. A thread may move itself between such groups for twenty
 * microseconds, and what it starts meanwhile is born there. Moving a process, which has to wait for all processors,
 * takes ten milliseconds, in which the process could have started others.
 */
class Group {
  readonly #home: Home
  readonly #directory: string
  readonly #threads: number
  readonly #events: number
  #killing: Promise<number> | undefined

  constructor(home: Home) {
    this.#home = home
    this.#directory = home.makeGroup()
    this.#threads = openSync(`${this.#directory}/cgroup.threads`, 'r+')
    this.#events = openSync(`${this.#directory}/cgroup.events`, 'r')
  }

  get directory(): string {
    return this.#directory
  }

  get isPopulated(): boolean {
    return !readText(this.#events).includes('populated 0')
  }

  within<T>(start: () => T): T {
    writeText(this.#threads, '0')
    try {
      return start()
    } finally {
      this.#home.comeBack()
    }
  }

  kill(): Promise<number> {
    if (this.#killing) return this.#killing
    if (!this.isPopulated) return Promise.resolve(0)
    this.#killing = this.#killAll().finally(() => {
      this.#killing = undefined
    })
    return this.#killing
  }

  /** A threaded group has no `cgroup.kill`; frozen, its processes cannot start others while they are being killed. */
  async #killAll(): Promise<number> {
    const ended = new Set<number>()
    this.#freeze('1')
    for (let waited = 0; this.isPopulated && waited < patience; waited++) {
      for (const pid of killThreads(this.#threads)) ended.add(pid)
      await wait(1)
    }
    this.#freeze('0')
    return ended.size
  }

  #freeze(state: '0' | '1'): void {
    const file = openSync(`${this.#directory}/cgroup.freeze`, 'w')
    writeText(file, state)
    closeSync(file)
  }

  /** Once only, since it closes its files. A directory that cannot be removed now is removed with the one above it. */
  remove(): void {
    closeSync(this.#threads)
    closeSync(this.#events)
    try {
      rmdirSync(this.#directory)
    } catch {
      // A process of it has not quite ended.
    }
  }
}
