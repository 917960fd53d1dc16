import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Row } from './support/row.ts'
import { root } from './support/scene.ts'
import { classes, parseTable, renderTable } from './table.ts'

const side = { stoppedBy: 'a wall', remains: '', passed: false }
const row: Row = {
  id: 'A02',
  title: 'a title',
  shown: 'a | b',
  layers: ['sudo'],
  sudo: side,
  daemon: { notApplicable: 'there is no wall' },
}

t.test('a class that was not run, not stopped, or has no meaning, is told in the table', async s => {
  const table = renderTable([row])
  s.match(table, '| A01 | | | | not run | not run |')
  s.match(table, '| A02 | a title | a \\| b | sudo | NOT STOPPED | not applicable |')
  s.match(table, '| A02 | a wall |  |')
  s.match(table, '| A02 | not applicable: there is no wall |  |')
  s.match(renderTable([{ ...row, sudo: { ...side, passed: true } }]), /53 classes, .* 1 were stopped with sudo and 0/)
})

t.test('a page is read as it was written', async s => {
  s.same(parseTable(renderTable([row])), [row])
  const more: Row = {
    ...row,
    id: 'A53',
    layers: ['sudo', 'daemon'],
    daemon: { ...side, remains: 'a | gap', passed: true },
  }
  s.same(parseTable(renderTable([row, more])), [row, more])
})

t.test('the committed table has every class, stopped on each transport or with a reason', async s => {
  const text = readFileSync(join(root, 'docs/reference/attacks.md'), 'utf8')
  const all = text.split('\n').filter(line => /^\| A\d\d /.test(line))
  const ids = all.map(line => line.slice(2, 5))
  s.same(ids, [...classes, ...classes, ...classes])
  const [results, details] = [all.slice(0, classes.length), all.slice(classes.length)]
  for (const line of results) {
    s.match(line, /\| (stopped|not applicable) \| (stopped|not applicable) \|$/, line.slice(2, 5))
    s.notMatch(line, /not applicable \| not applicable/, line.slice(2, 5))
  }
  // Whatever is stopped says by what, and whatever is not applicable says why.
  for (const line of details) s.match(line, /^\| A\d\d \| (?!not applicable:? *\|)\S/, line.slice(2, 5))
})
