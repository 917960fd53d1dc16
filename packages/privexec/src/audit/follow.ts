import { lstatSync, watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { lineBlocks, openRead } from './lines.ts'
import { matches, parseRecord, type RecordFilter, type StoredRecord } from './read.ts'
import { allSegments } from './segments.ts'
import { systemCode } from './unavailable.ts'

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
  let handle = await openNext(file, changes, signal)
  let position = handle !== undefined && from === 'end' ? (await handle.stat()).size : 0
  try {
    while (handle !== undefined && !isAborted(signal)) {
      // Asked before reading: what is rotated away afterwards is still read to its end by the next turn.
      const next = successor(file, (await handle.stat()).ino)
      for await (const { lines } of lineBlocks(handle, position)) {
        for (const line of lines) {
          position += line.length + 1
          const record = parseRecord(line)
          if (record !== undefined && matches(record, options)) yield record
          if (isAborted(signal)) return
        }
      }
      if (next === undefined) await changes.wait()
      else {
        const opened = await tryOpen(next)
        if (opened === undefined) continue
        await handle.close()
        handle = opened
        position = 0
      }
    }
  } finally {
    changes.close()
    await handle?.close()
  }
}

/** The file that goes on where the one with this inode ends; undefined while that is the growing one. */
function successor(file: string, inode: number): string | undefined {
  const files = allSegments(file)
  const at = files.findIndex(path => lstatSync(path, { throwIfNoEntry: false })?.ino === inode)
  // A file that was moved away altogether is followed by whatever has its name now.
  return at < 0 ? files.at(-1) : files[at + 1]
}

async function openNext(
  file: string,
  changes: Changes,
  signal: AbortSignal | undefined,
): Promise<FileHandle | undefined> {
  while (!isAborted(signal)) {
    const handle = await tryOpen(file)
    if (handle !== undefined) return handle
    await changes.wait()
  }
  return undefined
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

async function tryOpen(file: string): Promise<FileHandle | undefined> {
  try {
    return await openRead(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

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
