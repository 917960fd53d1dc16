import { lstatSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { lineBlocks } from './lines.ts'
import { matches, parseRecord, type RecordFilter, type StoredRecord } from './read.ts'
import { type OpenSegment, openAfter } from './segments.ts'

export interface FollowOptions extends RecordFilter {
  /** Begin with the oldest record of the growing file, or with the next one; default `end`. */
  readonly from?: 'start' | 'end' | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** Some file systems tell nobody of changes, so look this often (milliseconds) whatever the kernel says. */
const pollEvery = 1000

/** Records as they are written, through every rotation. Ends when `signal` is aborted. */
export async function* followRecords(file: string, options: FollowOptions = {}): AsyncGenerator<StoredRecord> {
  const { signal, from = 'end' } = options
  const changes = watchFolder(file, signal)
  let segment = await nextSegment(file, Number.POSITIVE_INFINITY, changes, signal)
  let position = segment !== undefined && from === 'end' ? (await segment.handle.stat()).size : 0
  try {
    while (segment !== undefined && !isAborted(signal)) {
      // Asked before reading: then nothing is appended any more, and the file is read to its end.
      const isFull = segment.first !== undefined || !(await isGrowing(file, segment))
      for await (const { lines } of lineBlocks(segment.handle, position)) {
        for (const line of lines) {
          position += line.length + 1
          const record = parseRecord(line)
          if (record !== undefined && matches(record, options)) yield record
          if (isAborted(signal)) return
        }
      }
      if (isFull) {
        const first = segment.first ?? (await firstSequence(segment))
        await segment.handle.close()
        segment = await nextSegment(file, first, changes, signal)
        position = 0
      } else await changes.wait()
    }
  } finally {
    changes.close()
    await segment?.handle.close()
  }
}

async function nextSegment(
  file: string,
  first: number,
  changes: Changes,
  signal: AbortSignal | undefined,
): Promise<OpenSegment | undefined> {
  while (!isAborted(signal)) {
    const segment = await openAfter(file, first)
    if (segment !== undefined) return segment
    await changes.wait()
  }
  return undefined
}

async function isGrowing(file: string, { handle }: OpenSegment): Promise<boolean> {
  return lstatSync(file, { throwIfNoEntry: false })?.ino === (await handle.stat()).ino
}

/** What its name says once it is full. A file that holds no record is followed by the growing one. */
async function firstSequence({ handle }: OpenSegment): Promise<number> {
  for await (const { lines } of lineBlocks(handle)) {
    const record = lines[0] && parseRecord(lines[0])
    if (record !== undefined) return record.chain.seq
    break
  }
  return Number.POSITIVE_INFINITY
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

interface Changes {
  /** Resolves after the next change, or one that was not waited for, or a second. */
  wait(): Promise<void>
  close(): void
}

function watchFolder(file: string, signal: AbortSignal | undefined): Changes {
  let isChanged = false
  let wake = (): void => {}
  const notice = (): void => {
    isChanged = true
    wake()
  }
  signal?.addEventListener('abort', notice, { once: true })
  const watcher = watch(dirname(file), notice)
  watcher.on('error', notice)
  return {
    wait: async () => {
      if (!isChanged) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, pollEvery)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      isChanged = false
      wake = () => {}
    },
    close: () => {
      signal?.removeEventListener('abort', notice)
      watcher.close()
    },
  }
}
