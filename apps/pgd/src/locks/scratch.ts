import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const ending = /^\.([1-9]\d*)-[0-9a-f]{16}$/

/** Name of what is there only while this process works on `path`: whoever finds it later can tell that it was left. */
export const scratchName = (path: string): string => `${path}.${process.pid}-${randomBytes(8).toString('hex')}`

/** Removes what processes left under such names that are gone. */
export async function sweepScratch(path: string): Promise<void> {
  const name = basename(path)
  for (const entry of await readdir(dirname(path)).catch(() => [])) {
    const [, pid] = entry.startsWith(name) ? (ending.exec(entry.slice(name.length)) ?? []) : []
    if (pid === undefined || isThere(Number(pid))) continue
    // In a directory for everybody it may be that of another account.
    await rm(join(dirname(path), entry), { recursive: true, force: true }).catch(() => {})
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
