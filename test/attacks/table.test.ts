import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Row } from './support/row.ts'
import { root } from './support/scene.ts'
import { classes, renderTable } from './table.ts'

const row: Row = {
  id: 'A02',
  title: 'a title',
  shown: 'a | b',
  stoppedBy: 'a wall',
  remains: '',
  layers: ['sudo'],
  passed: false,
}

t.test('a class that was not run, or not stopped, is told in the table', async s => {
  const table = renderTable([row])
  s.match(table, '| A01 | | | | | | not run |')
  s.match(table, '| A02 | a title | a \\| b | a wall |  | sudo | NOT STOPPED |')
  s.match(renderTable([{ ...row, passed: true }]), /Of 38 classes, 1 fell/)
})

t.test('the committed table has every class, each stopped', async s => {
  const text = readFileSync(join(root, 'docs/reference/attacks.md'), 'utf8')
  const rows = text.split('\n').filter(line => /^\| A\d\d /.test(line))
  s.same(
    rows.map(line => line.slice(2, 5)),
    classes,
  )
  for (const line of rows) s.match(line, /\| stopped \|$/, line.slice(2, 5))
})
