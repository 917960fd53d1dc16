import fc from 'fast-check'
import t from 'tap'
import { escapeValue } from '../../src/errors/escape.ts'
import { holds } from '../support/property.ts'

t.test('a value is shown in printable ASCII, whatever it holds', async t => {
  const anyText = fc.string({ unit: 'binary', maxLength: 200 })
  await holds(
    t,
    fc.property(anyText, value => /^[ -~]*$/.test(escapeValue(value))),
  )
  t.equal(escapeValue('a\nb\u202e\ud800"'), '"a\\nb\\u{202e}\\u{d800}\\""')
})

t.test('a long value is cut and says by how much', async t => {
  t.equal(escapeValue('x'.repeat(100), 10), '"xxxxxxxxxx" (and 90 more characters)')
})
