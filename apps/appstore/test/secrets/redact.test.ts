import fc from 'fast-check'
import t from 'tap'
import { redactor } from '../../src/secrets/redact.ts'

const secret = fc.string({ minLength: 4, maxLength: 40, unit: 'binary' }).filter(value => !/^\*+$/.test(value))
const spellings = [
  (value: string) => value,
  (value: string) => JSON.stringify(value).slice(1, -1),
  (value: string) => encodeURIComponent(value.toWellFormed()),
]

t.test('a secret is in no text, as it is, as JSON, or in a URL', async t => {
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const hide = redactor([value])
      for (const spell of spellings) if (hide(before + spell(value) + after).includes(value)) return false
      return hide(value) === '***'
    }),
  )
  t.pass()
})

t.test('base 64 of a text around a secret does not show it', async t => {
  const value = 'correct horse battery staple'
  for (const before of ['', 'a', 'ab', 'user:']) {
    const text = redactor([value])(Buffer.from(`${before}${value}\n`).toString('base64'))
    t.notMatch(Buffer.from(text, 'base64').toString(), 'horse')
  }
})

t.test('each line of a secret of several lines is hidden', async t => {
  t.equal(redactor(['first line\nsecond line'])('a first line b'), 'a *** b')
})

t.test('where one secret is part of another, the longer one is hidden whole', async t => {
  t.equal(redactor(['hunter', 'hunter2000'])('hunter2000 hunter'), '*** ***')
})

t.test('what has fewer than four characters is not hidden', async t => {
  t.equal(redactor(['on'])('it is on'), 'it is on')
})
