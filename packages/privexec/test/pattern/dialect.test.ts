import fc from 'fast-check'
import t from 'tap'
import {
  choice,
  literal,
  oneOf,
  type Pattern,
  repeat,
  sequence,
  toRegExp,
  toSudoers,
  upTo,
} from '../../src/pattern/dialect.ts'
import { holds } from '../support/property.ts'

const invalid = { code: 'PRIVEXEC_DEFINITION_INVALID' }
const digit = oneOf('0-9')

t.test('a literal holds no character that sudoers or an expression reads as syntax', async t => {
  for (const text of [...'#$^*?()[]{}|\\"\'!&;<>`\n\r\t\0\x1b\x7f', 'é', '\ud800', '']) {
    t.throws(() => literal(text), invalid, JSON.stringify(text))
    if (text !== '') t.throws(() => literal(`a${text}b`), invalid, JSON.stringify(`a${text}b`))
  }
})

t.test('a literal matches itself and nothing else', async t => {
  const text = fc.string({ unit: fc.constantFrom(...'abzAZ09 _./:@+=,%~-'), minLength: 1, maxLength: 8 })
  await holds(
    t,
    fc.property(text, text, (a, b) => toRegExp(literal(a)).test(b) === (a === b)),
  )
})

t.test('a class is made of explicit ASCII ranges that every locale reads alike', async t => {
  for (const range of [
    ...['\\d', '\\w', '\\s', '.'.repeat(2), '[:alnum:]', '[:alpha:]', '[.a.]', '[=a=]', '^', '^a', ']', '[', '\\'],
    ...[
      'Z-a',
      'A-z',
      '0-z',
      '.-/',
      'z-a',
      '9-0',
      'a-a',
      'a-b-c',
      '-a',
      'a-',
      'é',
      'a-é',
      'à-ü',
      '\u{1f600}',
      '',
      '\n',
      '!',
      '#',
    ],
  ]) {
    t.throws(() => oneOf(range), invalid, JSON.stringify(range))
  }
  t.throws(() => oneOf(), invalid, 'an empty class: POSIX would read on to the next bracket')
  t.equal(oneOf('a-z', '-', '_').source, '[a-z_-]', 'a hyphen stands last')
  t.equal(oneOf('-').source, '[-]')
  t.equal(oneOf(' -~').source, '[ -~]')
})

t.test('repetition is bounded', async t => {
  for (const [min, max] of [
    [0, 256],
    [256, 256],
    [3, 2],
    [-1, 1],
    [0, 0],
    [0.5, 1],
    [0, Number.POSITIVE_INFINITY],
    [0, Number.NaN],
  ]) {
    t.throws(() => repeat(digit, min as number, max as number), invalid, `${min} to ${max}`)
  }
  t.equal(repeat(digit, 0, 255).source, '[0-9]{0,255}')
  t.equal(repeat(digit, 1).source, '[0-9]')
  t.equal(repeat(literal('ab'), 2).source, '(ab){2}', 'a text is grouped')
  t.equal(repeat(repeat(digit, 2), 0, 1).source, '([0-9]{2})?', 'a repetition is grouped')
  t.throws(() => repeat(sequence(), 1, 2), invalid, 'nothing cannot be repeated')
})

t.test('a choice always stands in parentheses, and no option is empty', async t => {
  t.equal(choice(literal('a'), literal('b')).source, '(a|b)')
  t.equal(choice(literal('a'), literal('a')).source, 'a')
  t.throws(() => choice(), invalid)
  t.throws(() => choice(literal('a'), sequence()), invalid)
  const bare = toRegExp(sequence(literal('x'), choice(literal('a'), literal('b')), literal('y')))
  t.ok(bare.test('xay') && bare.test('xby'))
  t.notOk(bare.test('xa') || bare.test('by') || bare.test('xaby'))
})

t.test('up to n characters allows n and no more', async t => {
  for (const max of [1, 254, 255, 510, 3825]) {
    const expression = toRegExp(upTo(max, digit))
    t.ok(expression.test('1'.repeat(max)), `${max}`)
    t.ok(expression.test(''), 'none')
    t.notOk(expression.test('1'.repeat(max + 1)), `${max + 1}`)
  }
  for (const max of [0, 256, 509, 511, -255, 255 * 257, 1.5]) t.throws(() => upTo(max, digit), invalid, `${max}`)
})

t.test('a pattern knows whether its texts may hold a blank', async t => {
  const blank = literal(' ')
  for (const pattern of [
    blank,
    oneOf(' -~'),
    oneOf('a-z', ' '),
    sequence(digit, blank),
    choice(digit, blank),
    repeat(blank, 0, 1),
  ]) {
    t.ok(pattern.blank, pattern.source)
  }
  for (const pattern of [
    literal('a'),
    oneOf('!-~'.slice(2), '0-9'),
    sequence(digit, digit),
    choice(digit),
    upTo(510, digit),
  ]) {
    t.notOk(pattern.blank, pattern.source)
  }
})

t.test('whatever is built is anchored, closed, and free of what JavaScript and POSIX read differently', async t => {
  const atom = fc.constantFrom<Pattern>(digit, oneOf('a-z', '-'), literal('a.b'), literal('+'), literal('x'))
  const built = fc.letrec<{ pattern: Pattern }>(tie => ({
    pattern: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map(parts => sequence(...parts)),
      fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map(parts => choice(...parts)),
      fc
        .tuple(tie('pattern'), fc.nat(2), fc.integer({ min: 1, max: 3 }))
        .map(([of, min, more]) => repeat(of, min, min + more)),
    ),
  })).pattern
  await holds(
    t,
    fc.property(built, pattern => {
      const outside = pattern.source.replace(/\[[^\]]*\]/g, 'x')
      let depth = 0
      for (const character of outside) {
        if (character === '(') depth++
        if (character === ')') depth--
        if (depth < 0 || (depth === 0 && character === '|')) return false
      }
      const plain = depth === 0 && /^[A-Za-z0-9(){}|?, _/:@=%~-]*$/.test(outside) && !/\(\?|[?}][?{]/.test(outside)
      return plain && toSudoers(pattern) === `^${pattern.source}$` && !toRegExp(pattern).multiline
    }),
  )
})
