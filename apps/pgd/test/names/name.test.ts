import t from 'tap'
import { isPgdError } from '../../src/errors/error.ts'
import { parseName, readName } from '../../src/names/name.ts'
import { refusesAll, refusesOrReads } from './support.ts'

t.test('a name is letters, digits and single marks between them, at most 50 characters', async t => {
  for (const name of ['a', 'Shop', 'shop-2', 'a_b-c', '7', 'x'.repeat(50)]) t.equal(parseName(name, 'branch'), name)
  const bad = [
    '',
    '-a',
    'a-',
    '_a',
    'a__b',
    'a--b',
    'a-_b',
    'a/b',
    'a.b',
    '..',
    'a b',
    'é',
    'a\n',
    'a\0',
    'x'.repeat(51),
  ]
  refusesAll(t, bad, parseName)
})

t.test('any text is a name, or is refused with its field', async t => {
  await refusesOrReads(t, 'abZ09-_', parseName, (name, text) => name === text && !/__|--|^-|\//.test(text))
})

t.test('a suggestion is a name itself', async t => {
  const hints = ['my branch!', 'a__b', `${'x'.repeat(49)} yy`, '///', 'é', '-a'].map(text => {
    try {
      return parseName(text, 'branch')
    } catch (error) {
      return isPgdError(error) ? error.hint : error
    }
  })
  t.same(hints, [
    'For example my-branch',
    'For example a-b',
    `For example ${'x'.repeat(49)}`,
    undefined,
    undefined,
    'For example a',
  ])
})

t.test('what is no name reads as undefined', async t => {
  t.same(['a', 'a/b', '-a'].map(readName), ['a', undefined, undefined])
})
