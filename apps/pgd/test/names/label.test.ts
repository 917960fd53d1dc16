import t from 'tap'
import { parseFacts, renderFacts } from '../../src/facts/codec.ts'
import { parseLabel } from '../../src/names/label.ts'
import { refusesAll, refusesOrReads } from './support.ts'

t.test('a label is up to 100 characters that facts can hold', async t => {
  for (const label of ['before-migration', 'v1.2.3', '2026-01-31T08:00:00+01:00', 'a@b/c', 'x'.repeat(100)]) {
    t.equal(parseLabel(label), label)
  }
  refusesAll(t, ['', '-a', '/a', 'a b', 'a,b', 'a=b', 'é', 'a\n', '$(id)', 'x'.repeat(101)], parseLabel)
})

t.test('any text is a label that facts keep, or is refused with its field', async t => {
  await refusesOrReads(
    t,
    'aZ9_.:+/@-,=',
    parseLabel,
    (label, text) => label === text && parseFacts(renderFacts({ label }))?.get('label') === text,
  )
})
