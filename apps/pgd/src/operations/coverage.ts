import { readdir } from 'node:fs/promises'
import { gapsBetween, isSegment, timelineOf } from '../postgres/wal.ts'

/** Segments that lack in an archive from the one on where recovery would begin, on its timeline. */
export async function gapsFrom(archive: string, first: string): Promise<readonly string[]> {
  const all = (await readdir(archive)).filter(isSegment).filter(name => timelineOf(name) === timelineOf(first))
  const segments = all.filter(name => name >= first).sort()
  const last = segments.at(-1)
  return last === undefined ? [first] : gapsBetween(first, last, segments)
}
