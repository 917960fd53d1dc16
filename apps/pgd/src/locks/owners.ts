import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, pidOf, readHolder, thisProcess } from './holder.ts'

/** Who has a lock, for the message to somebody who waits; the lock itself does not need it. */
export interface Owner {
  readonly pid: number
  /** What it does: `branch reset`. */
  readonly operation: string
  /** Since when, milliseconds since 1970. */
  readonly since: number
}

/** Between the file of a lock and the holder; no name of a lock has it. */
const separator = '@'

/** Notes that this process has the lock of a file; gives back what takes the note away. */
export function noteOwner(lock: string, operation: string): () => void {
  const path = `${lock}${separator}${thisProcess()}${separator}${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(path, operation, { mode: 0o600, flag: 'wx' })
  } catch {
    // A full disk takes no note; the lock holds all the same.
  }
  return () => rmSync(path, { force: true })
}

/** Who has the lock of a file, longest first. Notes of processes that were killed are removed. */
export function ownersOf(directory: string, file: string): Owner[] {
  const owners: Owner[] = []
  for (const entry of readdirSync(directory)) {
    const [name, text = ''] = entry.split(separator)
    const holder = readHolder(text)
    if (name !== file || holder === undefined) continue
    const path = join(directory, entry)
    if (!isAlive(holder)) rmSync(path, { force: true })
    else owners.push(...ownerOf(path, pidOf(holder)))
  }
  return owners.sort((a, b) => a.since - b.since)
}

/**
 * Removes all notes of a lock, by who has it alone, and has none yet. They are of the killed, who lose their locks a moment
 * before they count as gone.
 */
export function forgetOwners(directory: string, file: string): void {
  for (const entry of readdirSync(directory)) {
    if (entry.startsWith(`${file}${separator}`)) rmSync(join(directory, entry), { force: true })
  }
}

/** Files of locks that are there, or of which a note is. */
export const locksIn = (directory: string): string[] => [
  ...new Set(readdirSync(directory).map(entry => entry.split(separator)[0] ?? entry)),
]

/** None when it went meanwhile. */
function ownerOf(path: string, pid: number): Owner[] {
  try {
    return [{ pid, operation: readFileSync(path, 'utf8').slice(0, 100), since: statSync(path).mtimeMs }]
  } catch {
    return []
  }
}
