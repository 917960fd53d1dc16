import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Session } from '../../src/postgres/connect.ts'
import { changePassword, isPasswordPending, settlePassword } from '../../src/serve/password.ts'

// That the server takes it is in test/pgd/life.test.ts.
function volumeOf(t: Test) {
  const volume = t.testdir({ password: 'old\n' })
  const asked: string[] = []
  const session = { query: async (text: string) => void asked.push(text) } as unknown as Session
  return { volume, session, asked, password: () => readFileSync(join(volume, 'password'), 'utf8') }
}

t.test('a password is the one that the server was given', async t => {
  const { volume, session, asked, password } = volumeOf(t)
  await changePassword(volume, session, 'new')
  t.equal(password(), 'new\n')
  t.ok(asked.some(text => text.startsWith("ALTER ROLE postgres PASSWORD 'SCRAM-SHA-256$")))
  t.same(readdirSync(volume), ['password'])
})

t.test('a change that was interrupted can be seen through, before and after the server knew', async t => {
  const { volume, session, asked, password } = volumeOf(t)
  const refusing = { query: () => Promise.reject(new Error('interrupted')) } as unknown as Session
  await t.rejects(changePassword(volume, refusing, 'new'))
  t.equal(password(), 'old\n', 'until the server knows it')
  t.ok(isPasswordPending(volume))
  await settlePassword(volume, session)
  t.equal(password(), 'new\n')
  t.notOk(isPasswordPending(volume))
  const count = asked.length
  await settlePassword(volume, session)
  t.equal(password(), 'new\n')
  t.equal(asked.length, count, 'and once')
})

t.test('half a password was never the server’s', async t => {
  const { volume, session, asked, password } = volumeOf(t)
  writeFileSync(join(volume, 'password.new'), 'ne')
  await settlePassword(volume, session)
  t.equal(password(), 'old\n')
  t.same([asked, readdirSync(volume)], [[], ['password']])
})
