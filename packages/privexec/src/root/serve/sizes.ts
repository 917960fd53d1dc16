import type { TerminalSize } from '../../wire/message.ts'

/** Sizes of a terminal as they come; only the newest counts, so nothing piles up. */
export class Sizes implements AsyncIterable<TerminalSize> {
  #newest: TerminalSize | undefined
  #isEnded = false
  #wake: (() => void) | undefined

  push(size: TerminalSize): void {
    this.#newest = size
    this.#wake?.()
  }

  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TerminalSize> {
    for (;;) {
      const size = this.#newest
      this.#newest = undefined
      if (size) yield size
      else if (this.#isEnded) return
      else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }
}
