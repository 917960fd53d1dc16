import type { Readable } from 'node:stream'

/** What became of one output stream. */
export interface Output {
  /** The text that was collected: all of it, or nothing when a callback took it. */
  readonly text: string
  /** The last 64 KiB, for recognising failures. */
  readonly tail: string
  readonly bytes: number
}

/** Takes a chunk; the next one waits until it is done. */
export type OnChunk = (chunk: Buffer) => void | Promise<void>

const tailBytes = 65_536

/**
 * Reads a stream to its end. Chunks go to the callback, one at a time, so that a slow callback slows the program and no
 * memory grows; without a callback they are collected. `onBytes` learns of each chunk's size first.
 */
export async function readOutput(
  stream: Readable,
  onChunk: OnChunk | undefined,
  onBytes: (count: number) => void,
): Promise<Output> {
  const chunks: Buffer[] = []
  let bytes = 0
  let tail: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      onBytes(chunk.length)
      if (onChunk) {
        await onChunk(chunk)
        tail =
          chunk.length >= tailBytes ? chunk.subarray(-tailBytes) : Buffer.concat([tail, chunk]).subarray(-tailBytes)
      } else chunks.push(chunk)
    }
  } catch (error) {
    if (!isClosed(error)) throw error
  }
  if (onChunk) return { text: '', tail: tail.toString('utf8'), bytes }
  const all = Buffer.concat(chunks)
  return { text: all.toString('utf8'), tail: all.subarray(-tailBytes).toString('utf8'), bytes }
}

/** A stream that was destroyed because the program is gone has told all that it had. */
const isClosed = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'].includes(
    (error as NodeJS.ErrnoException | undefined)?.code ?? '',
  )
