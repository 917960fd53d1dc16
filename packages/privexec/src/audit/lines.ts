import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { maxLine } from './chain.ts'

const block = 1_048_576

/** Lines of a file that were read together. The buffers are valid until the next block is asked for. */
export interface LineBlock {
  /** Without newlines; a line longer than the longest record is cut. */
  readonly lines: readonly Buffer[]
  /** What stands behind the last newline; not empty in the last block of a torn file only. */
  readonly rest: Buffer
}

/** Opens for reading; never waits for a pipe, never follows a link in the last component. */
export const openRead = (file: string): Promise<FileHandle> =>
  open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)

/** Reads a file line by line, from `start` (a byte offset) to where it ends now, in flat memory. */
export async function* lineBlocks(handle: FileHandle, start = 0): AsyncGenerator<LineBlock> {
  let carried = Buffer.alloc(0)
  let position = start
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(carried.length + block)
    carried.copy(buffer)
    const { bytesRead } = await handle.read(buffer, carried.length, block, position)
    const text = buffer.subarray(0, carried.length + bytesRead)
    if (bytesRead === 0) {
      if (text.length > 0) yield { lines: [], rest: text }
      return
    }
    position += bytesRead
    const { lines, rest } = split(text)
    // A line without end must not fill the memory: its head is kept, so it is still seen as one bad line.
    carried = rest.length > 2 * maxLine ? rest.subarray(0, maxLine) : rest
    if (lines.length > 0) yield { lines, rest: Buffer.alloc(0) }
  }
}

function split(text: Buffer): { lines: Buffer[]; rest: Buffer<ArrayBuffer> } {
  const lines: Buffer[] = []
  let start = 0
  for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, start)) {
    lines.push(text.subarray(start, end))
    start = end + 1
  }
  return { lines, rest: text.subarray(start) as Buffer<ArrayBuffer> }
}
