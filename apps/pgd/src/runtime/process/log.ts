import { constants } from 'node:fs'
import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a server wrote, since it was first started; of the volume. */
export const logFile = (volume: string): string => join(volume, 'server.log')

/** Bytes from which on a log is put aside when its server starts. */
const largest = 16 * 1024 * 1024

/** Opens the log of a server for what it will write, and tells where that begins. */
export async function openLog(volume: string): Promise<{ readonly file: FileHandle; readonly from: number }> {
  const path = logFile(volume)
  const size = (await stat(path).catch(() => undefined))?.size ?? 0
  if (size > largest) await rename(path, `${path}.old`)
  // No link is followed: what is in a volume came from elsewhere once.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
  const file = await open(path, flags, 0o600)
  return { file, from: (await file.stat()).size }
}

/** The end of a log, at most 64 KiB, and nothing before `from`; empty where there is none. */
export async function endOfLog(volume: string, from = 0): Promise<string> {
  const file = await open(logFile(volume), constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined)
  if (file === undefined) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(from, size - 65_536, 0)
    const buffer = Buffer.alloc(Math.max(size - start, 0))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The last lines of a text. */
export const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-Math.max(count, 1)).join('\n')
