import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { declare } from '../../src/operations/declare.ts'
import type { Session } from '../../src/postgres/connect.ts'
import { keepPassword } from '../../src/serve/password.ts'
import type { Store, Volume } from '../../src/store/store.ts'

/** A volume with a password that its server is to be given, and a store that keeps what its state became. */
async function sceneOf(t: Test, change: (state: string) => void = () => {}) {
  const path = t.testdir()
  await keepPassword(path, 'secret')
  const states: string[] = []
  const changeVolume: Store['changeVolume'] = async (volume, facts) => {
    change(facts.state)
    states.push(facts.state)
    return { ...volume, facts }
  }
  const volume = { path, facts: { state: 'creating' } } as Volume
  return { context: { store: { changeVolume } as Store }, volume, states, files: () => readdirSync(path).sort() }
}
const sessionWith = (query: (text: string) => Promise<unknown>): Session => ({ query }) as unknown as Session

t.test('a volume is ready, and its server has its password', async t => {
  const { context, volume, states, files } = await sceneOf(t)
  const asked: string[] = []
  const made = await declare(
    context,
    volume,
    sessionWith(async text => asked.push(text)),
  )
  t.equal(made.facts.state, 'ready')
  t.same([states, files()], [['ready'], ['password']])
  t.match(asked.join(), /ALTER ROLE postgres PASSWORD 'SCRAM/)
})

t.test('one whose server does not take its password is not', async t => {
  const { context, volume, states } = await sceneOf(t)
  const ended = new Error('the server ended')
  await t.rejects(declare(context, volume, sessionWith(Promise.reject.bind(Promise, ended))), ended)
  t.same(states, ['ready', 'creating'])
})

t.test('where the storage does not say so, nothing is changed again', async t => {
  const full = new Error('no space')
  const { context, volume, states } = await sceneOf(t, () => {
    throw full
  })
  await t.rejects(declare(context, volume, sessionWith(Promise.resolve.bind(Promise))), full)
  t.same(states, [])
})
