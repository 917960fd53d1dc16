import { Writable } from 'node:stream'
import type { Channel } from '../../wire/channel.ts'
import { dataFrames, encodeFrame, inputWindow } from '../../wire/frame.ts'

/**
 * Sends what is written to it as input frames, as far as root gives credit. To be destroyed when nobody reads any more;
 * as with the pipe of a program that ended, whoever writes then learns that it is closed.
 */
export class InputSender extends Writable {
  readonly #channel: Channel
  #credit = inputWindow
  #wake: (() => void) | undefined

  constructor(channel: Channel) {
    super({ highWaterMark: inputWindow })
    this.#channel = channel
    this.on('error', () => {})
  }

  /** Root has read so many bytes more. */
  addCredit(bytes: number): void {
    this.#credit += bytes
    this.#wake?.()
  }

  override async _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): Promise<void> {
    for (let at = 0; at < chunk.length && !this.destroyed; ) {
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
    this.#channel.send(encodeFrame('inputEnd'))
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wake?.()
    done(error)
  }
}
