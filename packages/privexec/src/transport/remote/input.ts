import { Writable } from 'node:stream'
import type { Channel } from '../../wire/channel.ts'
import { dataFrames, encodeFrame, inputWindow } from '../../wire/frame.ts'

/** Sends what is written to it as input frames, as far as root gives credit. */
export class InputSender extends Writable {
  readonly #channel: Channel
  #credit = inputWindow
  #wake: (() => void) | undefined
  #isRefused = false

  constructor(channel: Channel) {
    super({ highWaterMark: inputWindow })
    this.#channel = channel
  }

  /** Root has read so many bytes more. */
  addCredit(bytes: number): void {
    this.#credit += bytes
    this.#wake?.()
  }

  /** Nobody reads any more: what is still written goes nowhere, as with a program that ended. */
  refuse(): void {
    this.#isRefused = true
    this.#wake?.()
  }

  override async _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#isRefused; ) {
      if (this.#credit === 0) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        continue
      }
      const part = chunk.subarray(at, at + this.#credit)
      at += part.length
      this.#credit -= part.length
      for (const frame of dataFrames('input', part)) await this.#channel.send(frame)
    }
    done()
  }

  override _final(done: () => void): void {
    if (!this.#isRefused) this.#channel.send(encodeFrame('inputEnd'))
    done()
  }
}
