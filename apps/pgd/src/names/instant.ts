import { invalid } from './invalid.ts'
import { readSpan } from './span.ts'

declare const brand: unique symbol

/** A moment of the past, in milliseconds since 1970. */
export type Instant = number & { readonly [brand]: 'instant' }

const date = String.raw`(\d{4})-(\d\d)-(\d\d)`
const time = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`
const zone = String.raw`(Z|[+-]\d\d(?::?\d\d)?)`
const pattern = new RegExp(`^${date}[T ]${time} ?${zone}?$`)
const form = '2026-01-31T08:00:00Z, 2026-01-31 08:00:00.250+01, 10m ago, or -2h'

/**
 * Reads a moment: ISO 8601 with its zone, or a time ago. It is exact or refused: a zone that lacks, or parts of a
 * millisecond, would be guessed or dropped. A number is in milliseconds. Rejects with `PGD_INPUT_INVALID`; moments of
 * the future too.
 */
export function parseInstant(text: string | number, field: string, now: number = Date.now()): Instant {
  const instant = typeof text === 'number' ? text : (readAgo(text, now) ?? readDate(text, field))
  if (!Number.isSafeInteger(instant) || instant < 0) throw invalid(field, text, `is no time: ${form}`)
  if (instant > now) throw invalid(field, text, `is in the future: it is ${new Date(now).toISOString()} now`)
  return instant as Instant
}

function readAgo(text: string, now: number): number | undefined {
  const [, ago, minus] = /^(?:(\S+) ago|-(\S+))$/.exec(text) ?? []
  const span = readSpan(ago ?? minus ?? '')
  return span === undefined ? undefined : now - span
}

/** Milliseconds since 1970; NaN when the text is no date, or a date that is in no calendar. */
function readDate(text: string, field: string): number {
  const parts = pattern.exec(text)
  if (parts === null) return Number.NaN
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(part => Number(part ?? 0))
  const fraction = (parts[7] ?? '').padEnd(3, '0')
  const utc = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second, Number(fraction.slice(0, 3)))
  const offset = parts[8] === undefined ? undefined : offsetOf(parts[8])
  // Date.UTC turns 31 February into March, and 25:00 into the next day.
  const [found = '', clock = ''] = new Date(utc).toISOString().split('T')
  const isReal = found === text.slice(0, 10) && clock.startsWith(text.slice(11, 16)) && (second ?? 0) < 60
  if (!isReal || Number.isNaN(offset)) return Number.NaN
  if (offset === undefined) {
    const hint = `In UTC it is ${text.replace(' ', 'T')}Z; elsewhere give the zone, such as +01:00`
    throw invalid(field, text, 'has no zone, and could be several moments', hint)
  }
  if (/[1-9]/.test(fraction.slice(3))) {
    throw invalid(field, text, 'is finer than a millisecond', `Give three digits: .${fraction.slice(0, 3)}`)
  }
  return utc - offset
}

/** Milliseconds that a zone is ahead of UTC; NaN beyond the 15:59 that PostgreSQL takes. */
function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', ''))
  const sign = zone.startsWith('-') ? -1 : 1
  return hours > 15 || minutes > 59 ? Number.NaN : sign * (hours * 60 + minutes) * 60_000
}

/** The moment as ISO 8601 in UTC, to the millisecond. */
export const showInstant = (instant: number): string => new Date(instant).toISOString()

/** A moment as {@link showInstant} wrote it; undefined when the text is none. */
export function readInstant(text: string): number | undefined {
  const instant = Date.parse(text)
  return Number.isNaN(instant) || new Date(instant).toISOString() !== text ? undefined : instant
}
