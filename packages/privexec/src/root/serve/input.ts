import { inputWindow } from '../../wire/frame.ts'

/** Input of an operation as it arrives in frames: standard input, or content. */
export interface Input {
  /** Takes a frame's bytes; false when there was no credit for them, or when the end was said already. */
  push(bytes: Buffer): boolean
  /** No more will come; false when that was said already. */
  end(): boolean
  /** The sender is gone: whoever reads gets what came, and then this error, unless the end was said before. */
  fail(error: Error): void
  /** The bytes for the one who reads them. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/** Bytes that small pieces are gathered to: a piece costs a hundred bytes beside its own. */
const block = 16_384

/**
 * Holds at most the window of bytes: the sender may send that much, and more as what it sent is read. Credit goes out in
 * halves of the window, so that small frames do not cost an answer each; while the sender does not take it, nothing more
 * is read either.
 */
export function openInput(credit: (bytes: number) => Promise<void>): Input {
  const held: Piece[] = []
  let left = inputWindow
  let owed = 0
  let end: true | Error | undefined
  let wake: (() => void) | undefined
  const finish = (how: true | Error): boolean => {
    const isFirst = end === undefined
    end ??= how
    wake?.()
    return isFirst
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = held.shift()
      if (piece) {
        yield piece.bytes.subarray(0, piece.length)
        owed += piece.length
        if (owed < inputWindow / 2 || end) continue
        const bytes = owed
        owed = 0
        left += bytes
        await credit(bytes)
      } else if (end === true) return
      else if (end) throw end
      else {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
  }
  return {
    push: bytes => {
      if (end || bytes.length > left) return false
      left -= bytes.length
      hold(held, bytes)
      wake?.()
      return true
    },
    end: () => finish(true),
    fail: finish,
    bytes: read(),
  }
}

interface Piece {
  readonly bytes: Buffer
  length: number
}

function hold(held: Piece[], bytes: Buffer): void {
  const last = held.at(-1)
  if (last && last.length + bytes.length <= last.bytes.length) {
    bytes.copy(last.bytes, last.length)
    last.length += bytes.length
  } else if (bytes.length >= block) held.push({ bytes, length: bytes.length })
  else if (bytes.length > 0) {
    const piece = { bytes: Buffer.allocUnsafeSlow(block), length: bytes.length }
    bytes.copy(piece.bytes)
    held.push(piece)
  }
}
