import t from 'tap'
import { parseDuration, parseMoment, seconds } from '../../src/cli/duration.ts'

t.test('times are a number with a unit', async t => {
  t.equal(parseDuration('timeout', '500ms'), 500)
  t.equal(parseDuration('timeout', '30s'), 30_000)
  t.equal(parseDuration('timeout', '2h'), 7_200_000)
  for (const text of ['', '0s', '30', '-1s', '1.5s', '1 s', '1e3s', 'Infinity']) {
    t.throws(() => parseDuration('timeout', text), { code: 'PRIVEXEC_USAGE', message: /^--timeout/ }, text)
  }
})

t.test('a moment is a date, or how long ago', async t => {
  t.same(parseMoment('since', '2026-01-31T08:00:00Z'), new Date('2026-01-31T08:00:00Z'))
  t.ok(parseMoment('since', '1h').getTime() < Date.now())
  for (const text of ['yesterday', '5', '2026-13-01', '1 January']) {
    t.throws(() => parseMoment('since', text), { code: 'PRIVEXEC_USAGE' }, text)
  }
})

t.test('time limits are shown in their largest unit', async t => {
  t.same([30, 600, 7200, 90].map(seconds), ['30 s', '10 min', '2 h', '90 s'])
})
