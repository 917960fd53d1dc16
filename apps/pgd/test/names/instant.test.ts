import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { isPgdError } from '../../src/errors/error.ts'
import { parseInstant, readInstant, showInstant } from '../../src/names/instant.ts'
import { refusesAll, refusesOrReads } from './support.ts'

const now = Date.UTC(2026, 0, 31, 12)
const parse = (text: string | number, field = 'at') => parseInstant(text, field, now)
const hintOf = (text: string): string | undefined => {
  try {
    parse(text)
  } catch (error) {
    if (isPgdError(error)) return error.hint
  }
  return undefined
}

t.test('a moment is read with its zone, to the millisecond', async t => {
  const moments = {
    '2026-01-31T08:00:00Z': '2026-01-31T08:00:00.000Z',
    '2026-01-31T08:00Z': '2026-01-31T08:00:00.000Z',
    '2026-01-31T08:00:00.25Z': '2026-01-31T08:00:00.250Z',
    '2026-01-31T08:00:00.123000Z': '2026-01-31T08:00:00.123Z',
    '2026-01-31T08:00:00+01:00': '2026-01-31T07:00:00.000Z',
    '2026-01-30 23:30:00.5-0330': '2026-01-31T03:00:00.500Z',
    '2026-01-31 08:00:00+00': '2026-01-31T08:00:00.000Z',
    '2026-01-31 08:00:00 +05:45': '2026-01-31T02:15:00.000Z',
    '2024-02-29T00:00:00Z': '2024-02-29T00:00:00.000Z',
  }
  for (const [text, moment] of Object.entries(moments)) t.equal(showInstant(parse(text)), moment, text)
})

t.test('a time ago is counted from now', async t => {
  t.equal(parse('10m ago'), now - 600_000)
  t.equal(parse('-2h'), now - 7_200_000)
  refusesAll(t, ['10m', '2h', '-2', '10 m ago', '-2h ago', '0s ago', '4000d ago', '--2h'], parse)
})

t.test('a time without a zone is refused, and the hint says what to write', async t => {
  refusesAll(t, ['2026-01-31T08:00:00', '2026-01-31 08:00'], parse)
  t.match(hintOf('2026-01-31 08:00'), '2026-01-31T08:00Z')
  t.match(hintOf('2026-01-31T08:00:00.123456Z'), '.123')
})

t.test('the future, dates of no calendar, and anything guessed are refused', async t => {
  const bad = [
    '2026-01-31T12:00:00.001Z',
    '2026-01-31T12:00:00-01:00',
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T23:60:00Z',
    '2025-01-01T23:59:60Z',
    '2025-01-01T00:00:00+16:00',
    '2025-01-01T00:00:00+01:60',
    '2025-01-01T00:00:00.1234Z',
    '2025-01-01',
    '20250101T000000Z',
    '0050-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2025-01-01T00:00:00z',
    '2025-01-01T00:00:00Z\n',
    'now',
    'yesterday',
    '1738310400',
    '',
  ]
  refusesAll(t, bad, parse)
  refusesAll(t, [now + 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY], parse)
})

t.test('every moment is read as it was shown, in every zone', async t => {
  const zone = fc.integer({ min: -(15 * 60 + 59), max: 15 * 60 + 59 })
  const property = fc.property(fc.integer({ min: 16 * 3_600_000, max: now }), zone, (instant, minutes) => {
    const local = new Date(instant + minutes * 60_000).toISOString().slice(0, -1)
    const pad = (part: number) => String(part).padStart(2, '0')
    const ahead = Math.abs(minutes)
    const text = `${local}${minutes < 0 ? '-' : '+'}${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`
    return (
      parse(text) === instant &&
      parse(showInstant(instant)) === instant &&
      readInstant(showInstant(instant)) === instant
    )
  })
  await holds(t, property, { numRuns: 2000 })
})

t.test('any text is a moment, or is refused with its field', async t => {
  await refusesOrReads(t, '0123456789-:TZ .+mhd ago', parse, instant => Number.isInteger(instant) && instant <= now)
})

t.test('only the text that pgd writes reads back', async t => {
  t.same(
    ['2026-01-31T08:00:00Z', '2026-01-31', '2026-02-31T08:00:00.000Z', '0', ''].map(readInstant),
    Array(5).fill(undefined),
  )
})
