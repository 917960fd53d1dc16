import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { maxLine } from './chain.ts'

const block = 262_144

/** Lines of a file that were read together. The buffers are valid until the next block is asked for. */
export interface LineBlock {
  /** Without newlines; a line much longer than the longest record is cut. */
  readonly lines: readonly Buffer[]
  /** What stands behind the last newline; not empty in the last block of a torn file only. */
  readonly rest: Buffer
}

/** Opens for reading; never waits for a pipe, never follows a link in the last component. */
export const openRead = (file: string): Promise<FileHandle> =>
  open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)

/** Reads a file line by line, from `start` (a byte offset) to where it ends now, in flat memory. */
export async function* lineBlocks(handle: FileHandle, start = 0): AsyncGenerator<LineBlock> {
  const buffer = Buffer.allocUnsafeSlow(2 * maxLine + block)
  let carried = 0
  for (let position = start; ; ) {
    const { bytesRead } = await handle.read(buffer, carried, block, position)
    if (bytesRead === 0) break
    position += bytesRead
    const { lines, end } = split(buffer.subarray(0, carried + bytesRead))
    if (lines.length > 0) yield { lines, rest: buffer.subarray(0, 0) }
    buffer.copyWithin(0, end, carried + bytesRead)
    carried += bytesRead - end
    // A line without end must not fill the memory: its head is kept, so it is still seen as one bad line.
    if (carried > 2 * maxLine) carried = maxLine
  }
  if (carried > 0) yield { lines: [], rest: buffer.subarray(0, carried) }
}

/** `end` is the offset behind the last newline. */
function split(text: Buffer): { lines: Buffer[]; end: number } {
  const lines: Buffer[] = []
  let start = 0
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, start)) {
    lines.push(text.subarray(start, at))
    start = at + 1
  }
  return { lines, end: start }
}
