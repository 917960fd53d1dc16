import { escapeValue } from '../errors/escape.ts'
import { usage } from './failure.ts'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a time such as `500ms`, `30s`, `15m`, `2h` or `7d`. Throws `PRIVEXEC_USAGE`. */
export function parseDuration(option: string, text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})(ms|[smhd])$/.exec(text) ?? []
  if (count === undefined) throw usage(`--${option} ${escapeValue(text)}: a time such as 30s, 15m or 2h is needed`)
  return Number(count) * units[unit as keyof typeof units]
}

/** A moment: a date and time of ISO 8601, or how long ago, such as `2h`. Throws `PRIVEXEC_USAGE`. */
export function parseMoment(option: string, text: string): Date {
  if (/^\d+(ms|[smhd])$/.test(text)) return new Date(Date.now() - parseDuration(option, text))
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw usage(`--${option} ${escapeValue(text)}: 2h, or a date such as 2026-01-31T08:00 is needed`)
  return new Date(time)
}

/** A time limit for people: `30 min`. */
export const seconds = (count: number): string => {
  if (count % 3600 === 0) return `${count / 3600} h`
  return count % 60 === 0 ? `${count / 60} min` : `${count} s`
}
