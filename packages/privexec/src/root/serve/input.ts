import { inputWindow } from '../../wire/frame.ts'

/** Input of an operation as it arrives in frames: standard input, or content. */
export interface Input {
  /** Takes a frame's bytes; false when there was no credit for them. */
  push(bytes: Buffer): boolean
  /** No more will come. */
  end(): void
  /** The bytes for the one who reads them. Throws when the sender went away before the end. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** The sender is gone. */
  fail(error: Error): void
}

/**
 * Holds at most the window of bytes: the sender may send that much, and more as what it sent is read. Credit goes out in
 * halves of the window, so that small frames do not cost an answer each.
 */
export function openInput(credit: (bytes: number) => void): Input {
  const chunks: Buffer[] = []
  let left = inputWindow
  let owed = 0
  let isEnded = false
  let failure: Error | undefined
  let wake: (() => void) | undefined
  const next = () => {
    wake?.()
    wake = undefined
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = chunks.shift()
      if (chunk) {
        yield chunk
        owed += chunk.length
        if (owed >= inputWindow / 2 && !isEnded) {
          left += owed
          credit(owed)
          owed = 0
        }
      } else if (failure) throw failure
      else if (isEnded) return
      else {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
  }
  return {
    push: bytes => {
      if (isEnded || bytes.length > left) return false
      left -= bytes.length
      if (bytes.length > 0) chunks.push(bytes)
      next()
      return true
    },
    end: () => {
      isEnded = true
      next()
    },
    fail: error => {
      failure ??= error
      next()
    },
    bytes: read(),
  }
}
