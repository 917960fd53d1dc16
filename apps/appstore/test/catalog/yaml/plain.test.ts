import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { typedKeys } from '../../../src/catalog/manifest/app-schema.ts'
import { readPlain } from '../../../src/catalog/yaml/plain.ts'
import { readWithPositions } from '../../../src/catalog/yaml/read.ts'

const base = join(import.meta.dirname, '../existing')
const files = globSync('**/*.yml', { cwd: base }).map(name => readFileSync(join(base, name), 'utf8'))

/** Whether the fast reader leaves a text alone, or reads what the full one reads. */
function agrees(text: string): boolean {
  const plain = readPlain(text, typedKeys)
  if (plain === undefined) return true
  const full = readWithPositions(text, typedKeys)
  return full.faults.length === 0 && JSON.stringify(plain.data) === JSON.stringify(full.data)
}

t.test('nearly every manifest is read by the fast reader, as the full one reads it', async t => {
  t.ok(files.length > 15)
  const read = files.filter(text => readPlain(text, typedKeys) !== undefined)
  t.ok(read.length >= files.length - 2, `${read.length} of ${files.length}`)
  for (const text of files) t.ok(agrees(text))
})

t.test('the two readers never read a changed manifest differently', async t => {
  const piece = fc.constantFrom(
    '"',
    "'",
    ':',
    ': ',
    ' #',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '|',
    '>',
    '&a ',
    '*a',
    '!!str ',
    '\t',
    '\\',
    '\\"',
    '~',
    ' ',
    '  ',
    '\n',
    '\n  ',
    '?',
    '%',
    '@',
    '0x1f',
    '1e3',
    'null',
    'true',
    '<<: ',
    '---\n',
    'é',
    '\u2028',
    '\r\n',
  )
  const edit = fc.record({ at: fc.nat(5000), remove: fc.nat(6), insert: piece })
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 })
  await holds(
    t,
    fc.property(fc.constantFrom(...files), edits, (text, changes) => {
      let changed = text
      for (const { at, remove, insert } of changes) {
        const place = at % (changed.length + 1)
        changed = changed.slice(0, place) + insert + changed.slice(place + remove)
      }
      return agrees(changed)
    }),
    { numRuns: 600 },
  )
})

t.test('the two readers read the same in whatever was written as YAML', async t => {
  const key = fc.constantFrom('id', 'default', 'values', 'cores', 'name', 'true', 'a-b')
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
  )
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const style = fc.record({
    indent: fc.constantFrom(2, 4),
    indentSeq: fc.boolean(),
    singleQuote: fc.boolean(),
    collectionStyle: fc.constantFrom('any', 'block', 'flow'),
  })
  await holds(
    t,
    fc.property(fc.dictionary(key, tree, { maxKeys: 5 }), style, (data, options) =>
      agrees(stringify(data, options as object)),
    ),
    { numRuns: 400 },
  )
})

t.test('what is not simple is left to the full reader', async t => {
  for (const text of [
    '',
    '- a',
    'a: b\n c',
    'a: &x b',
    'a: b: c',
    'a:\n\tb: c',
    'a: "x\\n"',
    'a: b\na: c',
    '--- a',
    'a: 0x10',
    'cores: 1e3',
  ]) {
    if (text !== '- a' && text !== 'a: 0x10') t.equal(readPlain(text, typedKeys), undefined, JSON.stringify(text))
    t.ok(agrees(text))
  }
})
