import fc from 'fast-check'
import t from 'tap'
import { parseExpression, type Tree } from '../../../src/cli/samples/parse.ts'
import { insideTexts, outsideTexts } from '../../../src/cli/samples/texts.ts'
import { choice, literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../../../src/pattern/dialect.ts'
import { numberBetween } from '../../../src/pattern/number.ts'
import { holds } from '../../support/property.ts'

const { pattern: anyPattern } = fc.letrec<{ pattern: Pattern }>(tie => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b-c', 'x y', '/usr', '1.2').map(literal),
    fc.constantFrom(['a-z'], ['0-9', '_', '-'], [' -~'], ['A-Z', '.']).map(ranges => oneOf(...ranges)),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map(parts => sequence(...parts)),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map(options => choice(...options)),
    fc
      .tuple(tie('pattern'), fc.nat(2), fc.integer({ min: 1, max: 3 }))
      .map(([of, min, more]) => repeat(of, min, min + more)),
  ),
}))

t.test('every expression of the dialect can be read, and what is sampled from it matches', async t => {
  await holds(
    t,
    fc.property(anyPattern, pattern => {
      const tree = parseExpression(pattern.source)
      return tree !== undefined && insideTexts(tree).every(text => toRegExp(pattern).test(text))
    }),
  )
})

t.test('samples of a range of numbers hold both ends, and both neighbours outside', async t => {
  const range = fc.tuple(fc.integer({ min: 100, max: 99_999 }), fc.nat(50_000))
  await holds(
    t,
    fc.property(range, ([from, more]) => {
      const tree = parseExpression(numberBetween(from, from + more).source) as Tree
      const [inside, outside] = [insideTexts(tree), outsideTexts(tree)]
      const ends = [from, from + more].every(end => inside.includes(String(end)))
      return ends && [from - 1, from + more + 1].every(next => outside.includes(String(next)))
    }),
  )
})

t.test('lengths are sampled at their limits and one beyond', async t => {
  const tree = parseExpression('a[0-9]{2,4}') as Tree
  t.ok(['a00', 'a0000'].every(text => insideTexts(tree).includes(text)))
  t.ok(['a0', 'a00000'].every(text => outsideTexts(tree).includes(text)))
})

t.test('an expression outside the dialect is not read', async t => {
  for (const source of ['a.*', '[^/]+', '\\d', '(a', 'a)', '[ab', 'a$', 'a{2', '^a', '[[:alnum:]]']) {
    t.equal(parseExpression(source), undefined, source)
  }
})
