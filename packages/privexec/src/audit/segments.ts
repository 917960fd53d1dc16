import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCode, unavailable } from './unavailable.ts'

const digits = 16

/** Name of a full segment: that of the audit file, and the sequence of its first record, so that names sort. */
export const segmentName = (file: string, first: number): string => `${file}.${String(first).padStart(digits, '0')}`

/** Full segments of an audit file, oldest first; without the file itself. */
export function fullSegments(file: string): string[] {
  const prefix = `${basename(file)}.`
  const folder = dirname(file)
  return list(folder, file)
    .filter(name => name.startsWith(prefix) && /^\d{16}$/.test(name.slice(prefix.length)))
    .sort()
    .map(name => join(folder, name))
}

/**
 * All files of a chain in their order, the growing one last. A rotation that was killed half-way leaves one file under
 * two names; it is listed once.
 */
export function allSegments(file: string): string[] {
  const full = fullSegments(file)
  const growing = lstatSync(file, { throwIfNoEntry: false })
  if (growing === undefined) return full
  const newest = full.at(-1)
  const isTwice = newest !== undefined && lstatSync(newest, { throwIfNoEntry: false })?.ino === growing.ino
  return [...(isTwice ? full.slice(0, -1) : full), file]
}

function list(folder: string, file: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw unavailable(file, 'its directory cannot be read', error)
  }
}
