import fc from 'fast-check'
import t from 'tap'
import { asciiJson, boundArguments, boundText, maxArguments, maxText } from '../../src/audit/text.ts'
import { holds } from '../support/property.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 300 })

t.test('any value becomes one line of printable ASCII that parses to the same value', async t => {
  await holds(
    t,
    fc.property(fc.dictionary(anyText, anyText), value => {
      const json = asciiJson(value)
      return /^[ -~]*$/.test(json) && asciiJson(JSON.parse(json)) === json
    }),
  )
})

t.test('terminal controls, line separators and bidirectional marks are escaped', async t => {
  t.equal(asciiJson('\u001b[2J\u009b\u2028\u202e\n\u{e0001}'), '"\\u001b[2J\\u009b\\u2028\\u202e\\n\\udb40\\udc01"')
})

t.test('a long text is cut, says by how much, and never ends in half a character', async t => {
  t.equal(boundText('abcdef', 3), 'abc[+3 characters]')
  t.equal(boundText('ab\u{1f600}', 3), 'ab\ufffd[+1 characters]')
  t.equal(boundText('\ud800'), '\ufffd')
})

t.test('arguments are bounded together', async t => {
  t.same(boundArguments(['a', 'b']), { args: ['a', 'b'], cut: false })
  const many = boundArguments(Array.from({ length: 1_000_000 }, () => ''))
  t.equal(many.args.length, maxArguments + 1)
  t.equal(many.args.at(-1), `[+${1_000_000 - maxArguments} arguments]`)
  const long = boundArguments(Array.from({ length: 10 }, () => 'x'.repeat(1_000_000)))
  t.equal(long.cut, true)
  t.ok(long.args.join('').length < maxArguments + 20 * 30)
  t.ok(long.args.every(text => text.length < maxText + 30))
})
