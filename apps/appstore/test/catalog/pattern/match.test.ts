import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { longestSubject, safePattern } from '../../../src/catalog/pattern/match.ts'
import { PatternFault } from '../../../src/catalog/pattern/parse.ts'

/** Expressions that mean the same in JavaScript. */
const { expression } = fc.letrec<{ expression: string }>(tie => {
  const character = fc.constantFrom(
    'a',
    'b',
    '-',
    '_',
    '0',
    '9',
    ' ',
    'é',
    '\\.',
    '\\d',
    '\\w',
    '\\W',
    '\\t',
    '\\/',
    '\\x41',
    '.',
  )
  const item = fc.constantFrom('a', 'b-e', '0-9', '\\d', '\\w', '_', '\\-', '.', '*', 'é')
  const set = fc
    .tuple(fc.constantFrom('', '^'), fc.array(item, { minLength: 1, maxLength: 3 }))
    .map(([not, items]) => `[${not}${items.join('')}]`)
  const group = tie('expression').map(inner => `(${inner})`)
  const quiet = tie('expression').map(inner => `(?:${inner})`)
  const unit = fc.oneof({ maxDepth: 2 }, character, set, group, quiet)
  const count = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,}', '{1,3}?')
  const repeated = fc.tuple(unit, fc.option(count, { nil: '' })).map(([inner, times]) => inner + times)
  const part = fc.oneof(
    { weight: 8, arbitrary: repeated },
    { weight: 1, arbitrary: fc.constantFrom('^', '$', '\\b', '\\B') },
  )
  const sequence = fc.array(part, { maxLength: 3 }).map(parts => parts.join(''))
  return { expression: fc.array(sequence, { minLength: 1, maxLength: 2 }).map(parts => parts.join('|')) }
})
const subject = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '-', '_', '0', '5', ' ', '\n', 'é', '.', 'A', '*'),
  maxLength: 12,
})

t.test('an expression finds what a JavaScript one finds', async t => {
  await holds(
    t,
    fc.property(
      expression.filter(source => source.length <= 80),
      subject,
      (source, text) => safePattern(source).test(text) === new RegExp(source, 'u').test(text),
    ),
    { numRuns: 3000 },
  )
})

t.test('the syntax of Go that JavaScript lacks', async t => {
  const finds = (source: string, text: string): boolean => safePattern(source).test(text)
  t.ok(finds('(?i)^hello$', 'HeLLo'))
  t.ok(finds('(?i)^[a-c]+$', 'AbC'))
  t.notOk(finds('^[a-c]+$', 'AbC'))
  t.ok(finds('^[[:alpha:]_[:digit:]]+$', 'ab_9'))
  t.ok(finds('^(?P<name>a)(?<other>b)$', 'ab'))
  t.ok(finds('\\Aab\\z', 'ab'))
  t.notOk(finds('\\Aab\\z', 'ab\n'))
  t.ok(finds('^\\x{1F600}$', '😀'))
})

t.test('what cannot be matched in linear time, or is no expression, is refused', async t => {
  const bad = [
    '(a)\\1',
    'a(?=b)',
    'a(?!b)',
    '(?<=a)b',
    '(?s)a',
    'a**',
    'a{2}{3}',
    '*a',
    '(a',
    'a)',
    '[a',
    '[]a]',
    '[z-a]',
    '[a-\\d]',
    'a{1',
    'a{3,2}',
    'a{9999}',
    '\\',
    '\\q',
    '\\u12',
    '[[:nope:]]',
    '^*',
    '}',
    ']',
    '(?<1>a)',
    '[[a]]',
  ]
  for (const source of bad) t.throws(() => safePattern(source), { name: 'PatternFault' }, source)
  t.throws(() => safePattern('(((a{30}){30}){30})'), { name: 'PatternFault' })
  t.throws(() => safePattern('('.repeat(100) + ')'.repeat(100)), { name: 'PatternFault' })
  t.throws(() => safePattern('a'.repeat(501)), { name: 'PatternFault' })
})

t.test('expressions that make others hang end', async t => {
  const text = 'a'.repeat(longestSubject - 1)
  for (const source of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*a){1,90}b', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    t.notOk(safePattern(source).test(`${text}!`), source)
  }
  t.ok(safePattern('^(a+)+$').test(text))
  t.notOk(safePattern('a').test('a'.repeat(longestSubject + 1)), 'a longer text is not searched')
})

t.test('no text makes the compiler fail in another way', async t => {
  await holds(
    t,
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), subject, (source, text) => {
      try {
        return typeof safePattern(source).test(text) === 'boolean'
      } catch (error) {
        return error instanceof PatternFault
      }
    }),
    { numRuns: 2000 },
  )
})
