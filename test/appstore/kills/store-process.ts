import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Order, Run, Word } from './protocol.ts'

type Sendable = Order extends infer One ? (One extends unknown ? Omit<One, 'n'> : never) : never

/** How long an answer may take, in milliseconds: a store that waits for ever is one that lost a job. */
const longest = 120_000

/** A store in a process of its own, which can be killed. */
export class StoreProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  readonly exited: Promise<unknown>
  #last = 0
  #stderr = ''
  /** Does what an app's script would do; its words say why it failed. */
  onRun: (run: Run) => Promise<string | undefined> = async () => undefined

  /** `cache`: a directory for compiled code; a process that ends by itself fills it. */
  constructor(cache: string) {
    this.#child = fork(join(import.meta.dirname, 'child.ts'), {
      // What tap puts into the environment of children slows them down.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: cache },
      execArgv: ['--conditions=@broker/source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.on('data', chunk => {
      this.#stderr += chunk
    })
    this.exited = once(this.#child, 'exit').then(() => {
      const error = new Gone(this.#stderr)
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    })
    this.#child.on('message', (word: Word) => void this.#hear(word))
  }

  async #hear(word: Word): Promise<void> {
    if ('run' in word) {
      const failure = await this.onRun(word.run)
      if (this.#child.connected)
        this.#child.send({ n: word.n, order: 'ran', ...(failure === undefined ? {} : { failure }) }, () => {})
      return
    }
    const waiting = this.#waiting.get(word.n)
    this.#waiting.delete(word.n)
    if (word.error === undefined) waiting?.resolve(word.value)
    else waiting?.reject(new Error(word.error))
  }

  /** Rejects with {@link Gone} when the process ends before it answers. */
  tell<T>(order: Sendable): Promise<T> {
    const n = ++this.#last
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const limit = setTimeout(() => reject(new Error(`No answer to ${order.order}: ${this.#stderr}`)), longest)
    if (this.#child.connected) {
      this.#waiting.set(n, { resolve: resolve as (value: unknown) => void, reject })
      this.#child.send({ ...order, n }, () => {})
    } else reject(new Gone(this.#stderr))
    return promise.finally(() => clearTimeout(limit))
  }

  /** Lets the process end by itself. */
  async end(): Promise<void> {
    this.#child.disconnect()
    await this.exited
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }
}

/** The process ended before it answered. */
export class Gone extends Error {}

/** Keeps processes that have loaded everything, since loading is the longest part of a case. */
export class Pool {
  readonly #spare: StoreProcess[] = []
  readonly #size: number
  readonly #cache: string

  constructor(size: number, cache: string) {
    this.#size = size
    this.#cache = cache
  }

  take(): StoreProcess {
    const taken = this.#spare.shift() ?? new StoreProcess(this.#cache)
    while (this.#spare.length < this.#size) this.#spare.push(new StoreProcess(this.#cache))
    return taken
  }

  async close(): Promise<void> {
    await Promise.all(this.#spare.map(one => one.kill()))
  }
}
