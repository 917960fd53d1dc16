import { gapsBetween, isSegment, timelineOf } from '../postgres/wal.ts'

/** Segments that lack among the files of an archive from the one on where recovery would begin, on its timeline. */
export function gapsFrom(names: readonly string[], first: string): readonly string[] {
  const all = names.filter(isSegment).filter(name => timelineOf(name) === timelineOf(first))
  const segments = all.filter(name => name >= first).sort()
  const last = segments.at(-1)
  return last === undefined ? [first] : gapsBetween(first, last, segments)
}
