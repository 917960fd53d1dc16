import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { Collector } from '../../../src/runtime/docker/output.ts'

const out = (text: string) => ({ from: 'stdout' as const, bytes: Buffer.from(text) })

t.test('a result has the first mebibyte of stdout, and the end of stderr', async t => {
  const collector = new Collector('pg_dump', undefined)
  for (let n = 0; n < 40; n++) await collector.take(out('x'.repeat(50_000)))
  for (let n = 0; n < 3000; n++) await collector.take({ from: 'stderr', bytes: Buffer.from(`line ${n} é\n`) })
  const { stdout, stderr } = collector.end()
  t.equal(stdout.length, 1024 * 1024)
  t.equal(stderr.length, 8192)
  t.match(stderr, /line 2999 é\n$/)
})

t.test('no character is broken where output comes in pieces', async t => {
  const property = fc.asyncProperty(
    fc.string({ unit: 'grapheme', maxLength: 50 }),
    fc.integer({ min: 1, max: 5 }),
    async (text, size) => {
      const collector = new Collector('psql', undefined)
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += size) {
        for (const from of ['stdout', 'stderr'] as const)
          await collector.take({ from, bytes: bytes.subarray(at, at + size) })
      }
      const end = collector.end()
      return end.stdout === bytes.toString() && end.stderr === bytes.toString()
    },
  )
  await holds(t, property)
})

t.test('a stream that is full is waited for', async t => {
  const stream = new PassThrough({ highWaterMark: 4 })
  const collector = new Collector('pg_dump', stream)
  let isTaken = false
  const taking = collector.take(out('much more')).then(() => {
    isTaken = true
  })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(isTaken, false)
  t.equal(String(stream.read()), 'much more')
  await taking
  t.equal(collector.end().stdout, '', 'what went to the stream is not kept')
  t.equal(stream.writableEnded, false, 'nor is the stream ended')
})

t.test('a stream that breaks is told, also while it is waited for and when it is closed', async t => {
  const failing = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  })
  const collector = new Collector('pg_dump', failing)
  await collector.take(out('x')).catch(() => {})
  await t.rejects(collector.take(out('x')), {
    code: 'PGD_NO_SPACE',
    message: 'pg_dump could not write its output: "full"',
  })

  const stuck = new Writable({ highWaterMark: 1, write() {} })
  const waiting = new Collector('pg_dump', stuck).take(out('more than one'))
  setImmediate(() => stuck.destroy())
  await t.rejects(waiting, { code: 'PGD_PROGRAM_FAILED', message: /it was closed/ })
  const closed = new PassThrough()
  closed.destroy()
  await once(closed, 'close')
  await t.rejects(new Collector('pg_dump', closed).take(out('x')), { code: 'PGD_PROGRAM_FAILED' })
})
