import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Order, Run, Word } from './protocol.ts'

type Sendable = Order extends infer One ? (One extends unknown ? Omit<One, 'n'> : never) : never

/** A store in a process of its own, which can be killed. */
export class StoreProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  readonly exited: Promise<unknown>
  #last = 0
  #stderr = ''
  /** Does what an app's script would do; its words say why it failed. */
  onRun: (run: Run) => Promise<string | undefined> = async () => undefined

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'child.ts'), {
      // What tap puts into the environment of children slows them down.
      env: { PATH: process.env.PATH },
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
    return new Promise<T>((resolve, reject) => {
      if (!this.#child.connected) return reject(new Gone(this.#stderr))
      this.#waiting.set(n, { resolve: resolve as (value: unknown) => void, reject })
      this.#child.send({ ...order, n }, () => {})
    })
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

  constructor(size: number) {
    this.#size = size
  }

  take(): StoreProcess {
    while (this.#spare.length < this.#size) this.#spare.push(new StoreProcess())
    const taken = this.#spare.shift() as StoreProcess
    this.#spare.push(new StoreProcess())
    return taken
  }

  async close(): Promise<void> {
    await Promise.all(this.#spare.map(one => one.kill()))
  }
}
