import fc from 'fast-check'
import t from 'tap'
import { toRegExp } from '../../src/pattern/dialect.ts'
import { numberBetween } from '../../src/pattern/number.ts'
import { holds } from '../support/property.ts'

const size = fc.oneof(fc.nat(30), fc.nat(2_000), fc.nat(999_999_999), fc.constantFrom(99, 100, 999, 1_000, 99_999))
const range = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

t.test('the spellings are those of the numbers in the range', async t => {
  const near = fc.tuple(range, fc.integer({ min: -3, max: 3 }), fc.boolean(), size)
  await holds(
    t,
    fc.property(near, ([[from, to], offset, atEnd, any]) => {
      const expression = toRegExp(numberBetween(from, to))
      return [(atEnd ? to : from) + offset, any].every(n => expression.test(String(n)) === (n >= from && n <= to))
    }),
    { numRuns: 2_000 },
  )
})

t.test('small ranges are right number by number', async t => {
  for (let from = 0; from <= 120; from += 7) {
    for (let to = from; to <= 1_200; to += 53) {
      const expression = toRegExp(numberBetween(from, to))
      const wrong = Array.from({ length: 1_300 }, (_, n) => n).filter(
        n => expression.test(String(n)) !== (n >= from && n <= to),
      )
      t.strictSame(wrong, [], `${from} to ${to}`)
    }
  }
})

t.test('no other spelling of a number is one', async t => {
  const expression = toRegExp(numberBetween(0, 999_999_999))
  for (const text of [
    '',
    '00',
    '01',
    '+1',
    '-1',
    '-0',
    '1.0',
    '1e3',
    '0x1',
    '1_000',
    ' 1',
    '1 ',
    '1\n',
    '１',
    '1000000000',
    'NaN',
  ]) {
    t.notOk(expression.test(text), JSON.stringify(text))
  }
})

t.test('what is no range of whole numbers from 0 is refused', async t => {
  const invalid = { code: 'PRIVEXEC_DEFINITION_INVALID' }
  for (const [from, to] of [
    [2, 1],
    [32, 21],
    [-1, 5],
    [1.5, 3],
    [0, 1e21],
    [Number.NaN, 3],
    [1, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
  ]) {
    t.throws(() => numberBetween(from as number, to as number), invalid, `${from} to ${to}`)
  }
})

t.test('an expression stays far below the length that sudo takes', async t => {
  await holds(
    t,
    fc.property(range, ([from, to]) => numberBetween(from, to).source.length < 400),
  )
})
