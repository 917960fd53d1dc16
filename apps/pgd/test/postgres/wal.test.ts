import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import {
  formatLsn,
  gapsBetween,
  isSegment,
  kindOf,
  parseHistory,
  parseLsn,
  parseSegment,
  segmentAt,
  segmentName,
  startOf,
  timelineOf,
} from '../../src/postgres/wal.ts'

const size = fc.integer({ min: 20, max: 30 }).map(bits => 2 ** bits)
const lsn = fc.bigInt({ min: 0n, max: 2n ** 63n })
const timeline = fc.integer({ min: 1, max: 2 ** 32 - 1 })

t.test('names and positions are those that PostgreSQL writes', async t => {
  t.equal(segmentName(segmentAt(1, parseLsn('0/3000028') ?? 0n)), '000000010000000000000003')
  t.equal(segmentName(segmentAt(2, parseLsn('16/B374D848') ?? 0n)), '0000000200000016000000B3')
  t.equal(segmentName(segmentAt(1, parseLsn('1/0') ?? 0n)), '000000010000000100000000')
  t.equal(segmentName(segmentAt(1, parseLsn('0/FFFFFFFF') ?? 0n, 2 ** 30), 2 ** 30), '000000010000000000000003')
  t.equal(formatLsn(0x16b374d848n), '16/B374D848')
  t.equal(formatLsn(0n), '0/0')
})

t.test('a position that is written is read again', t =>
  holds(
    t,
    fc.property(lsn, value => parseLsn(formatLsn(value)) === value),
  ),
)

t.test('a name leads back to its segment, and the segment to the position', t =>
  holds(
    t,
    fc.property(timeline, lsn, size, (line, value, bytes) => {
      const segment = segmentAt(line, value, bytes)
      const name = segmentName(segment, bytes)
      const read = parseSegment(name, bytes)
      const begin = startOf(segment, bytes)
      return (
        isSegment(name) &&
        timelineOf(name) === line &&
        read?.number === segment.number &&
        read.timeline === line &&
        begin <= value &&
        value < begin + BigInt(bytes)
      )
    }),
  ),
)

t.test('names of one timeline sort as their positions do', t =>
  holds(
    t,
    fc.property(timeline, lsn, lsn, size, (line, a, b, bytes) => {
      const [one, two] = [a, b].map(value => segmentName(segmentAt(line, value, bytes), bytes))
      return one === undefined || two === undefined || a > b || one <= two
    }),
  ),
)

t.test('what lacks is found, whatever is taken away', t =>
  holds(
    t,
    fc.property(lsn, fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), size, (value, kept, bytes) => {
      const first = segmentAt(7, value, bytes).number
      const names = kept.map((_, index) => segmentName({ timeline: 7, number: first + index }, bytes))
      const present = names.filter((_, index) => kept[index])
      const gaps = gapsBetween(names[0] ?? '', names.at(-1) ?? '', present, bytes)
      return gaps.join() === names.filter(name => !present.includes(name)).join()
    }),
  ),
)

t.test('gaps cross the end of a log file, and never a timeline', async t => {
  const [first, last] = ['0000000100000000000000FE', '000000010000000100000001']
  t.strictSame(gapsBetween(first, last, [first, last]), ['0000000100000000000000FF', '000000010000000100000000'])
  t.strictSame(gapsBetween(last, first, []), [])
  t.throws(() => gapsBetween(first, '000000020000000100000001', []), TypeError)
})

t.test('files of an archive are told apart', async t => {
  const name = '0000000200000016000000B3'
  t.strictSame(
    [name, `${name}.partial`, '00000002.history', `${name}.00000028.backup`, `${name}.part`, name.toLowerCase()].map(
      kindOf,
    ),
    ['segment', 'partial', 'history', 'backup', 'other', 'other'],
  )
  t.equal(parseSegment('000000010000000000000100'), undefined, 'not of segments of 16 MiB')
  t.ok(parseSegment('000000010000000000000100', 2 ** 20))
  t.equal(parseSegment('000000000000000000000001'), undefined, 'there is no timeline 0')
  for (const odd of ['', '1', '/', '1/', '0/123456789', 'x/1']) t.equal(parseLsn(odd), undefined, odd)
})

t.test('a history tells where a timeline came from', async t => {
  const text = '# made by hand\n1\t0/3000000\tno recovery target specified\n\n2\t1/5000A28\tbefore 2026-01-01\n'
  t.strictSame(parseHistory(text), [
    { timeline: 1, end: 0x3000000n },
    { timeline: 2, end: 0x105000a28n },
  ])
  t.strictSame(parseHistory(''), [])
  for (const odd of ['1', 'x 0/1', '1 nothing', '2 0/1\n1 0/2']) t.equal(parseHistory(odd), undefined, odd)
})
