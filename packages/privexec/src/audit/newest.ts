import type { FileHandle } from 'node:fs/promises'
import { isPrivexecError } from '../errors/error.ts'
import { maxLine } from './chain.ts'
import { openRead } from './lines.ts'
import { parseRecord, type StoredRecord } from './read.ts'
import { fullSegments, segmentStart } from './segments.ts'
import { systemCode, unavailable } from './unavailable.ts'

const block = 65_536

/** Which page of the records is wanted. */
export interface PageOptions {
  /** Only records before this sequence; left out: from the newest on. */
  readonly before?: number | undefined
  /** Records of the page, 1 to 1,000; default 100. */
  readonly limit?: number | undefined
}

/** A page of records, and where the next one begins. */
export interface RecordPage {
  /** Newest first. */
  readonly records: readonly StoredRecord[]
  /** `before` of the next page; undefined when there is none. */
  readonly next?: number
}

/**
 * A page of the records of an audit file and its full segments, newest first. The files are read from their end, so the
 * newest page costs the same however long they are. Lines that are no records are left out; `verifyAudit` names them. No
 * file is an empty page. Rejects with `PRIVEXEC_AUDIT_UNAVAILABLE` when a file cannot be read.
 */
export async function newestRecords(file: string, options: PageOptions = {}): Promise<RecordPage> {
  const { before = Number.POSITIVE_INFINITY } = options
  const limit = Math.min(1000, Math.max(1, Math.floor(options.limit ?? 100)))
  const records: StoredRecord[] = []
  try {
    for await (const line of linesBackwards(file, before)) {
      const record = parseRecord(line)
      if (record === undefined || record.chain.seq >= before) continue
      // One more than wanted tells that there is a next page.
      if (records.length === limit) return { records, next: records.at(-1)?.chain.seq ?? 0 }
      records.push(record)
    }
  } catch (error) {
    throw isPrivexecError(error) ? error : unavailable(file, 'cannot be read', error)
  }
  return { records }
}

/** Lines of all files that may have records before a sequence, the last one first. */
async function* linesBackwards(file: string, before: number): AsyncGenerator<Buffer> {
  // Opened before the full ones are listed: a rotation in between cannot hide a file then.
  const growing = await tryOpen(file)
  let inode: number | undefined
  try {
    if (growing !== undefined) {
      inode = (await growing.stat()).ino
      yield* handleBackwards(growing)
    }
  } finally {
    await growing?.close()
  }
  for (const path of fullSegments(file).reverse()) {
    if (segmentStart(path) >= before) continue
    const handle = await tryOpen(path)
    try {
      // A rotation that was killed half-way leaves one file under two names.
      if (handle !== undefined && (await handle.stat()).ino !== inode) yield* handleBackwards(handle)
    } finally {
      await handle?.close()
    }
  }
}

async function* handleBackwards(handle: FileHandle): AsyncGenerator<Buffer> {
  let position = (await handle.stat()).size
  // What stands before the first newline that was met; what a crash left behind the last one is no record.
  let carried: Buffer = Buffer.alloc(0)
  while (position > 0) {
    const start = Math.max(0, position - block)
    const part = Buffer.alloc(position - start)
    const { bytesRead } = await handle.read(part, 0, part.length, start)
    position = start
    const text = Buffer.concat([part.subarray(0, bytesRead), carried])
    let end = text.length
    for (let at = text.lastIndexOf(10); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(10, at - 1)) {
      yield text.subarray(at + 1, end)
      end = at
    }
    // A line without end must not fill the memory; what is cut is no JSON, hence no record.
    carried = text.subarray(0, Math.min(end, maxLine + block))
  }
  yield carried
}

async function tryOpen(path: string): Promise<FileHandle | undefined> {
  try {
    return await openRead(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw unavailable(path, 'cannot be read', error)
  }
}
