import t from 'tap'
import { Sizes } from '../../../src/root/serve/sizes.ts'
import { listOf } from '../../support/link.ts'

const size = (columns: number) => ({ columns, rows: 24 })

t.test('of sizes that nobody has taken only the newest counts', async s => {
  const sizes = new Sizes()
  const reader = sizes[Symbol.asyncIterator]()
  for (let columns = 1; columns <= 1000; columns++) sizes.push(size(columns))
  s.strictSame(await reader.next(), { value: size(1000), done: false })
  const waiting = reader.next()
  sizes.push(size(5))
  s.strictSame(await waiting, { value: size(5), done: false })
})

t.test('the newest size is still given after the end, and then it is over', async s => {
  const sizes = new Sizes()
  sizes.push(size(7))
  sizes.end()
  s.strictSame(await listOf(sizes), [size(7)])
  const waiting = new Sizes()
  const reading = listOf(waiting)
  waiting.end()
  s.strictSame(await reading, [])
})
