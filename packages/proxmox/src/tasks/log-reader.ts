import type { TaskLine } from '../api/tasks.ts'

/** Lines that are asked for at once. */
export const pageLength = 500
/** Lines at the end of a log that a result keeps. */
const kept = 50

/** Reads a task's log from where the last call ended, and keeps the last lines. */
export class LogReader {
  readonly #page: (start: number, limit: number) => Promise<readonly TaskLine[]>
  readonly #onLine: ((text: string, n: number) => void) | undefined
  readonly #last: string[] = []
  #read = 0

  constructor(
    page: (start: number, limit: number) => Promise<readonly TaskLine[]>,
    onLine: ((text: string, n: number) => void) | undefined,
  ) {
    this.#page = page
    this.#onLine = onLine
  }

  get last(): readonly string[] {
    return [...this.#last]
  }

  /** Reads all lines that are there by now. */
  async read(): Promise<void> {
    for (;;) {
      const lines = await this.#page(this.#read, pageLength)
      let fresh = 0
      for (const { n, t } of lines) {
        // An empty log comes as one line that is in no log.
        if (n === 1 && t === 'no content' && lines.length === 1) continue
        if (n <= this.#read) continue
        this.#read = n
        fresh += 1
        this.#last.push(t)
        if (this.#last.length > kept) this.#last.shift()
        this.#onLine?.(t, n)
      }
      if (fresh < pageLength) return
    }
  }
}
