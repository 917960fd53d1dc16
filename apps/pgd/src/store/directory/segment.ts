import { open } from 'node:fs/promises'
import { ifThere } from './failure.ts'

/** Whether a file of `pg_wal` is named as a segment: timeline, and number in two parts, eight digits each. */
export const isSegment = (name: string): boolean => /^[0-9A-F]{24}$/.test(name)

/**
 * Whether a segment holds WAL of its own: a server keeps old ones under names to come, and what is in these is of no use.
 * The first page of a segment says where in the WAL it is (XLogPageHeaderData, in the machine's byte order).
 */
export async function isWritten(path: string, name: string): Promise<boolean> {
  const file = await ifThere(open(path, 'r'))
  if (file === undefined) return false
  try {
    const { size } = await file.stat()
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, 0)
    if (bytesRead < 16 || size === 0) return false
    const high = BigInt(`0x${name.slice(8, 16)}`)
    const low = BigInt(`0x${name.slice(16)}`)
    return Buffer.from(buffer).readBigUInt64LE(8) === (high << 32n) + low * BigInt(size)
  } finally {
    await file.close()
  }
}
