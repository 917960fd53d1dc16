import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { scratchName, sweepScratch } from '../../src/locks/scratch.ts'

/** Number of a process that is gone. */
const gone = spawnSync('true').pid

t.test('what processes left that are gone is removed, and nothing else', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'authority')
  const own = scratchName(path)
  const left = own.replace(`.${process.pid}-`, `.${gone}-`)
  for (const directory of [path, own, left, `${left}0`, left.replace('authority', 'other')]) mkdirSync(directory)
  writeFileSync(join(left, 'ca.key'), 'secret')
  for (const file of [`${path}.${gone}`, `${path}.new`]) writeFileSync(file, '')
  const before = readdirSync(folder)
  await sweepScratch(path)
  t.same(
    before.filter(name => !readdirSync(folder).includes(name)).map(name => join(folder, name)),
    [left],
  )
})

t.test('where there is no directory there is nothing to remove', t => sweepScratch(join(t.testdir({}), 'no/such')))
