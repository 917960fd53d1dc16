import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { rootAction } from '../../src/audit/root-action.ts'
import { type SudoEvent, SudoLogScanner } from '../../src/audit/sudo-log.ts'
import { holds } from '../support/property.ts'
import { compactLog, fields, prettyLog } from './support/sudo-log.ts'

// As sudo 1.9.13p3 wrote it.
const sample = readFileSync(new URL('support/sudo.log', import.meta.url))

/** Scans a text in pieces of the given sizes, the last of which is repeated. */
function scan(text: Buffer, sizes: readonly number[] = [text.length]): { events: SudoEvent[]; isInside: boolean } {
  const events: SudoEvent[] = []
  const scanner = new SudoLogScanner(event => events.push(event))
  for (let at = 0, i = 0; at < text.length; i += 1) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? text.length
    scanner.push(Buffer.from(text.subarray(at, at + size)))
    at += size
  }
  return { events, isInside: scanner.isInside }
}

t.test('a log of sudo gives all its events, though their keys repeat', async t => {
  const { events, isInside } = scan(sample)
  t.same(
    events.map(({ kind }) => kind),
    Array.from({ length: 4 }, () => ['accept', 'exit']).flat(),
  )
  t.equal(isInside, false)
  t.equal(sample.subarray(events[2]?.offset).toString().startsWith('{\n        "uuid": "bd57037021'), true)
  const [first, , second] = events.map(rootAction)
  t.match(first, { user: 'appstore', marker: undefined, argv: { length: 11 }, time: new Date(1795300023374.113) })
  t.same(second?.marker, { policy: 'appstore', operation: '00112233445566778899aabbccddeeff' })
})

t.test('the events do not depend on how the log is cut into pieces', async t => {
  const whole = scan(sample).events
  await holds(
    t,
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), sizes => {
      return JSON.stringify(scan(sample, sizes).events) === JSON.stringify(whole)
    }),
  )
})

t.test('no value of a stranger poses as an event or hides one', async t => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"accept": {', '}', '{"accept":{}}', '\\', '"', 'accept'),
  )
  await holds(
    t,
    fc.property(fc.array(fc.array(nasty, { minLength: 1 }), { maxLength: 5 }), fc.boolean(), (argvs, isPretty) => {
      const actions = argvs.map(argv => ({ operation: 'a'.repeat(32), argv }))
      const text = isPretty ? prettyLog(actions) : compactLog(actions)
      const accepts = scan(Buffer.from(text)).events.filter(({ kind }) => kind === 'accept')
      const expected = argvs.map(argv => argv.map(value => value.toWellFormed()))
      return JSON.stringify(accepts.map(event => rootAction(event).argv)) === JSON.stringify(expected)
    }),
  )
})

t.test('events below a key of their own are found too', async t => {
  const line = `{"sudo":{"accept":${JSON.stringify(fields({ operation: 'a'.repeat(32) }))}}}\n`
  t.equal(scan(Buffer.from(line.repeat(3))).events.length, 3)
})

t.test('an event that is cut off is told, and one that is endless keeps no memory', async t => {
  t.equal(scan(sample.subarray(0, 700)).isInside, true)
  const scanner = new SudoLogScanner(() => {})
  scanner.push(Buffer.from('{"accept": {"runargv": ["'))
  const piece = Buffer.alloc(1_048_576, 'a')
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 100; i += 1) scanner.push(piece)
  t.ok(process.memoryUsage().arrayBuffers - before < 60_000_000)
})
