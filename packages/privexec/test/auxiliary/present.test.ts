import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ifPresent } from '../../src/auxiliary/present.ts'

t.test('nothing at a path is undefined, and every other failure stays one', async t => {
  const file = join(t.testdir({ file: 'text' }), 'file')
  t.equal(await ifPresent(readFile(file, 'utf8')), 'text')
  t.equal(await ifPresent(readFile(`${file}-`)), undefined)
  await t.rejects(ifPresent(readFile(`${file}/below`)), { code: 'ENOTDIR' })
})
