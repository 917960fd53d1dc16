import fc from 'fast-check'
import t from 'tap'
import { parseProperties } from '../../src/guard/zfs-properties.ts'
import { holds } from '../support/property.ts'

t.test('properties are read by dataset and name', async t => {
  const text = 'tank\tsetuid\toff\tlocal\ntank/a b\tsetuid\toff\tinherited from tank\ntank\tcomment\t\t-\n'
  const all = parseProperties(text)
  t.strictSame(all?.get('tank')?.get('setuid'), { value: 'off', source: 'local' })
  t.strictSame(all?.get('tank/a b')?.get('setuid'), { value: 'off', source: 'inherited from tank' })
  t.strictSame(all?.get('tank')?.get('comment'), { value: '', source: '-' })
  t.equal(all?.get('tank/a'), undefined)
  t.equal(parseProperties('')?.size, 0)
})

t.test('what does not have four fields a line is not read', async t => {
  const line = 'tank\tsetuid\toff\tlocal'
  for (const text of [
    line,
    `${line}\n\n`,
    `${line}\tx\n`,
    'tank\tsetuid\toff\n',
    'tank\tsetuid\ton\nx\tlocal\n',
    '\tsetuid\toff\tlocal\n',
    'tank\t\toff\tlocal\n',
    'tank\tsetuid\toff\t\n',
    `${line}\n${line}\n`,
  ]) {
    t.equal(parseProperties(text), undefined, JSON.stringify(text))
  }
})

t.test('a table is read as it was printed, and one with a value that holds a line feed or a tab is not', async t => {
  const field = fc.stringMatching(/^[ -~]{1,12}$/)
  const rows = fc.uniqueArray(fc.tuple(field, field, fc.stringMatching(/^[ -~]{0,12}$/), field), {
    selector: ([name, property]) => `${name}\t${property}`,
    minLength: 1,
    maxLength: 6,
  })
  const print = (rows: readonly (readonly string[])[]) => `${rows.map(row => row.join('\t')).join('\n')}\n`
  await holds(
    t,
    fc.property(rows, rows => {
      const all = parseProperties(print(rows))
      return rows.every(([name, property, value, source]) => {
        const found = all?.get(name)?.get(property)
        return found?.value === value && found.source === source
      })
    }),
  )
  await holds(
    t,
    fc.property(rows, fc.nat(), fc.constantFrom('\t', '\n', 'x\ty', 'x\nsetuid\toff'), (rows, at, odd) => {
      const broken = rows.map((row, index) => (index === at % rows.length ? [row[0], row[1], odd, row[3]] : row))
      return parseProperties(print(broken)) === undefined
    }),
  )
})
