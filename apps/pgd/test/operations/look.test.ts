import t from 'tap'
import type { Context } from '../../src/context.ts'
import type { ProjectFacts } from '../../src/facts/model.ts'
import type { Name } from '../../src/names/name.ts'
import { look, lookFor } from '../../src/operations/look.ts'
import type { Inventory } from '../../src/store/store.ts'

const facts = { id: 'ccccaaaaaa', created: 0, runtime: 'process', version: 15 } as unknown as ProjectFacts
const nothing: Inventory = { projects: [], volumes: [], snapshots: [], foreign: [] }
const shop: Inventory = { ...nothing, projects: [{ name: 'shop' as Name, facts }] }

/** A storage whose lists are these in turn, the last for ever, and that has these projects. */
function storage(lists: readonly Inventory[], has: readonly string[]) {
  const left = [...lists]
  const asked: string[] = []
  const store = {
    list: async () => (left.length > 1 ? left.shift() : left[0]),
    hasProject: async (name: string) => {
      asked.push(name)
      return has.includes(name)
    },
  }
  return { context: { store, runtimes: async () => [] } as unknown as Context, asked }
}

t.test('a project that a list lacks and that is there is in the next list', async t => {
  const { context } = storage([nothing, nothing, shop], ['shop'])
  t.ok((await look(context, 'shop')).projects.has('shop' as Name))
})

t.test('a project that no list has and that is there is no absent one', async t => {
  const { context } = storage([nothing], ['shop'])
  await t.rejects(lookFor(context, 'shop/dev'), { code: 'PGD_STORE_UNAVAILABLE', message: /project shop/ })
})

t.test('what is absent is asked for once, and what is listed not at all', async t => {
  const { context, asked } = storage([shop], ['shop'])
  t.notOk((await look(context, 'shop', 'none')).projects.has('none' as Name))
  t.strictSame(asked, ['none'])
})

t.test('the beginning of an id is no name of a project', async t => {
  const { context, asked } = storage([shop], [])
  await look(context, 'cccc')
  await lookFor(context, 'ddddaaaaaa')
  t.strictSame(asked, [])
})
