/** Position in the WAL, in bytes; PostgreSQL writes it as `16/B374D848`. */
export type Lsn = bigint

/** A segment of the WAL: a file of `size` bytes, numbered from the beginning of all WAL. */
export interface Segment {
  readonly timeline: number
  readonly number: number
}

/** Bytes of a segment where initdb was not told otherwise; the others are powers of two, 1 MiB to 1 GiB. */
export const usualSegmentSize = 16 * 1024 * 1024

/** What an archive may hold, by its file's name; `other` is nothing that a server archives. */
export type WalFile = 'segment' | 'partial' | 'history' | 'backup' | 'other'

const idSize = 2 ** 32
const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')

/** Reads `16/B374D848`; undefined when it is no position. */
export function parseLsn(text: string): Lsn | undefined {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? []
  return high === undefined || low === undefined ? undefined : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

/** Writes a position as PostgreSQL does. */
export const formatLsn = (lsn: Lsn): string => `${lsn >> 32n}/${lsn & 0xffffffffn}`.replace(/\d+/g, hexOf)
const hexOf = (digits: string): string => BigInt(digits).toString(16).toUpperCase()

/** Segment that a position lies in. */
export const segmentAt = (timeline: number, lsn: Lsn, size: number = usualSegmentSize): Segment => ({
  timeline,
  number: Number(lsn / BigInt(size)),
})

/** First position of a segment. */
export const startOf = ({ number }: Segment, size: number = usualSegmentSize): Lsn => BigInt(number) * BigInt(size)

/** Name of a segment's file, 24 hexadecimal digits. */
export function segmentName({ timeline, number }: Segment, size: number = usualSegmentSize): string {
  const perId = idSize / size
  return hex(timeline) + hex(Math.floor(number / perId)) + hex(number % perId)
}

/** Reads the name of a segment's file; undefined when it is none, or none of that size. */
export function parseSegment(name: string, size: number = usualSegmentSize): Segment | undefined {
  const [, timeline, id, part] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? []
  if (timeline === undefined || id === undefined || part === undefined) return undefined
  const [perId, low, first] = [idSize / size, Number.parseInt(part, 16), Number.parseInt(timeline, 16)]
  if (low >= perId || first === 0) return undefined
  return { timeline: first, number: Number.parseInt(id, 16) * perId + low }
}

/** Tells what a file of an archive is. */
export function kindOf(name: string): WalFile {
  if (/^[0-9A-F]{24}$/.test(name)) return 'segment'
  if (/^[0-9A-F]{24}\.partial$/.test(name)) return 'partial'
  if (/^[0-9A-F]{8}\.history$/.test(name)) return 'history'
  return /^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/.test(name) ? 'backup' : 'other'
}

/** Whether a file of an archive is a whole segment. */
export const isSegment = (name: string): boolean => kindOf(name) === 'segment'

/** Timeline that a segment or history file is of. */
export const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16)

/** Names that lack from one segment to another of its timeline, both included; none where the last is before the first. */
export function gapsBetween(
  first: string,
  last: string,
  names: readonly string[],
  size: number = usualSegmentSize,
): readonly string[] {
  const [from, to] = [parseSegment(first, size), parseSegment(last, size)]
  if (from === undefined || to?.timeline !== from.timeline) throw new TypeError('gaps are those of one timeline')
  const present = new Set(names)
  const all = Array.from({ length: Math.max(to.number - from.number + 1, 0) }, (_, index) =>
    segmentName({ timeline: from.timeline, number: from.number + index }, size),
  )
  return all.filter(name => !present.has(name))
}

/** A timeline that another one came from, and where it was left. */
export interface Ancestor {
  readonly timeline: number
  readonly end: Lsn
}

/** Name of the file that tells where a timeline came from. */
export const historyName = (timeline: number): string => `${hex(timeline)}.history`

/** Reads a history file, oldest ancestor first; undefined when it is none. */
export function parseHistory(text: string): readonly Ancestor[] | undefined {
  const ancestors: Ancestor[] = []
  for (const line of text.split('\n').map(line => line.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, timeline, position] = /^(\d{1,10})\s+(\S+)/.exec(line) ?? []
    const end = parseLsn(position ?? '')
    if (timeline === undefined || end === undefined) return undefined
    if (Number(timeline) <= (ancestors.at(-1)?.timeline ?? 0)) return undefined
    ancestors.push({ timeline: Number(timeline), end })
  }
  return ancestors
}
