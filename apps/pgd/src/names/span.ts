import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** A length of time in milliseconds. */
export type Span = number & { readonly [brand]: 'span' }

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const longest = 3650 * units.d

/** Whether it is 1 s to 3650 days (10 years), in whole milliseconds. */
export const isSpan = (span: number): span is Span => Number.isInteger(span) && span >= units.s && span <= longest

/** Milliseconds of `30s`, `10m`, `2h` or `7d`; undefined when the text is not of that form or out of range. */
export function readSpan(text: string): Span | undefined {
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? []
  if (count === undefined || unit === undefined) return undefined
  const span = Number(count) * units[unit as keyof typeof units]
  return isSpan(span) ? span : undefined
}

/** Reads a length of time; a number is in milliseconds. Rejects with `PGD_INPUT_INVALID`. */
export function parseSpan(text: string | number, field: string): Span {
  const span = typeof text === 'number' ? text : readSpan(text)
  if (span !== undefined && isSpan(span)) return span
  throw invalid(field, text, 'is no length of time: 30s, 10m, 2h or 7d, from 1 s to 3650 days')
}
