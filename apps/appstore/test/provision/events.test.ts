import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { parseLine, withTexts } from '../../src/provision/events.ts'
import { lineReader, longestLine } from '../../src/provision/lines.ts'
import { event } from './support.ts'

function linesOf(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = []
  const reader = lineReader(line => lines.push(line))
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return lines
}

t.test('events of the runner are read', async t => {
  const events = [
    { kind: 'log', level: 'warn', text: 'careful', source: 'apt-get' },
    { kind: 'progress', step: 1, total: 3, text: 'first' },
    { kind: 'output', key: 'url', value: 'http://{{ip}}/\nx', secret: false },
    { kind: 'error', code: 'permission', message: 'no', permission: 'urls', value: 'https://x' },
    { kind: 'done', ok: true, exit: 0 },
  ]
  for (const each of events) t.same(parseLine(event(each)), each)
})

t.test('what is no event is log', async t => {
  const lines = [
    'plain',
    '@appstore',
    '@appstore {',
    '@appstore null',
    event({ kind: 'reboot' }),
    event({ kind: 'output', key: 'a/../b', value: '', secret: false }),
    event({ kind: 'output', key: 'a', value: 'x'.repeat(20_000), secret: false }),
    event({ kind: 'done', ok: 'yes', exit: 0 }),
    event({ kind: 'progress', step: -1, total: 1 }),
    event({ kind: 'log', level: 'fatal', text: 'x' }),
  ]
  for (const line of lines) t.match(parseLine(line), { kind: 'log', level: 'info', source: 'guest' }, line.slice(0, 60))
})

t.test('no control character of a guest gets through', async t => {
  const evil = 'a\u001b[2Jb\u0007\u009bc\u202ed\u2028e\rf\ud800'
  for (const line of [evil, event({ kind: 'log', level: 'info', text: evil })]) {
    const read = parseLine(line)
    t.match(read, { kind: 'log' })
    if (read.kind === 'log') {
      t.notMatch(read.text, /(?!\t)[\p{Cc}\p{Cs}\u202e\u2028]/u)
      t.ok(read.text.startsWith('a\ufffd[2Jb'))
    }
  }
})

t.test('whatever a guest sends becomes an event of bounded size', async t => {
  const kinds = fc.constantFrom('log', 'progress', 'output', 'error', 'done', 'x')
  const strange = fc.record({
    kind: kinds,
    level: fc.anything(),
    text: fc.anything(),
    key: fc.string(),
    value: fc.anything(),
  })
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    strange.map(fields => `@appstore ${JSON.stringify(fields)}`),
  )
  await holds(
    t,
    fc.property(line, text => {
      const { kind } = parseLine(text)
      return (
        ['log', 'progress', 'output', 'error', 'done'].includes(kind) &&
        JSON.stringify(parseLine(text)).length < 120_000
      )
    }),
  )
})

t.test('lines do not depend on how they were cut into chunks', async t => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map(array => array.map(byte => (byte % 5 === 0 ? 10 : byte)))
  await holds(
    t,
    fc.property(bytes, fc.array(fc.nat(200), { maxLength: 6 }), (all, cuts) => {
      const places = [...new Set([0, ...cuts.map(cut => Math.min(cut, all.length)), all.length])].sort((a, b) => a - b)
      const chunks = places.slice(1).map((to, index) => all.subarray(places[index], to))
      return JSON.stringify(linesOf(chunks)) === JSON.stringify(linesOf([all]))
    }),
  )
})

t.test('a line without end is cut, and the next one is whole', async t => {
  const lines = linesOf([Buffer.alloc(1_000_000, 'x'), Buffer.alloc(1_000_000, 'y'), Buffer.from('\nnext\r\n')])
  t.same([lines[0]?.length, lines[1], lines.length], [longestLine, 'next', 2])
})

t.test('every text but the value of an output is changed', async t => {
  const change = (text: string): string => text.replaceAll('s3cret', '***')
  t.same(withTexts({ kind: 'log', level: 'info', text: 's3cret' }, change), { kind: 'log', level: 'info', text: '***' })
  t.match(withTexts({ kind: 'progress', step: 1, total: 1, text: 's3cret' }, change), { text: '***' })
  t.match(withTexts({ kind: 'error', code: 'script', message: 's3cret', value: 's3cret' }, change), {
    message: '***',
    value: '***',
  })
  t.match(withTexts({ kind: 'output', key: 'a', value: 's3cret', secret: true }, change), { value: 's3cret' })
})
