import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { age, bytes, list, shown, table } from '../../src/cli/style.ts'
import { anyCharacters } from '../names/support.ts'

const cell = fc.stringMatching(/^[a-z]{1,9}$/)

t.test('columns of a table begin at one place, and no line ends with a blank', async s => {
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 })
  await holds(
    s,
    fc.property(rows, rows => {
      const lines = table(['A', 'B', 'C'], rows).split('\n')
      const places = rows.map(([, second, third], at) => {
        const line = lines[at + 1] ?? ''
        const last = line.length - third.length
        return `${line.slice(0, last).trimEnd().length - second.length} ${last}`
      })
      return (
        lines.length === rows.length + 1 && new Set(places).size === 1 && lines.every(line => line === line.trimEnd())
      )
    }),
  )
})

t.test('an empty table is its head', async s => {
  s.equal(table(['A', 'LONG'], []), 'A  LONG')
})

t.test('pairs without a value are left out', async s => {
  s.equal(
    list([
      ['A', '1'],
      ['Longest', undefined],
      ['Name', '2'],
    ]),
    'A     1\nName  2',
  )
})

t.test('bytes are shown in the largest unit of which there is one', async s => {
  const known = { 0: '0 B', 1023: '1023 B', 1024: '1.0 kB', 1536: '1.5 kB', 104857600: '100 MB' }
  for (const [count, text] of Object.entries(known)) s.equal(bytes(Number(count)), text)
  await holds(
    s,
    fc.property(fc.maxSafeNat(), count => {
      const [, number = '', unit = ''] = /^([\d.]+) ([kMGTP]?B)$/.exec(bytes(count)) ?? []
      const size = Number(number) * 1024 ** ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit)
      return Math.abs(size - count) <= count * 0.05 && Number(number) <= 1024
    }),
  )
})

t.test('an age is in the largest unit of which there is one, before and after now', async s => {
  const now = Date.parse('2026-01-31T08:00:00Z')
  const known = { 0: '0 s', 59: '59 s', 60: '1 min', 3599: '59 min', 3600: '1 h', 86399: '23 h', 86400: '1 d' }
  for (const [seconds, text] of Object.entries(known)) {
    s.equal(age(new Date(now - Number(seconds) * 1000).toISOString(), now), text)
    s.equal(age(new Date(now + Number(seconds) * 1000).toISOString(), now), text)
  }
})

t.test('a value of a stranger can neither end a line nor speak to the terminal', async s => {
  s.equal(shown('postgres:17'), 'postgres:17')
  s.equal(shown(undefined), '')
  await holds(
    s,
    fc.property(anyCharacters(200), text =>
      /^[\x20-\x7e…]*$/u.test(shown(text).replaceAll(/[\u{a1}-\u{10ffff}]/gu, '')),
    ),
  )
  for (const control of ['\u001b', '\n', '\r', '\u009b']) s.notOk(shown(`a${control}b`).includes(control))
})
