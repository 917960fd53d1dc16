import t from 'tap'
import { readName } from '../../src/names/name.ts'
import { parseRef, showRef } from '../../src/names/ref.ts'
import { refusesAll, refusesOrReads } from './support.ts'

t.test('a branch is named by its project and itself', async t => {
  t.same(parseRef('shop/dev'), { project: 'shop', branch: 'dev' })
  refusesAll(t, ['shop', 'shop/', '/dev', 'a/b/c', 'a//b', '../b', 'a/b\n', ''], parseRef)
})

t.test('what was read is shown as it was written', async t => {
  const isRight = (ref: ReturnType<typeof parseRef>, text: string) =>
    showRef(ref) === text && readName(ref.project) !== undefined && readName(ref.branch) !== undefined
  await refusesOrReads(t, 'ab1-_/', parseRef, isRight)
})
