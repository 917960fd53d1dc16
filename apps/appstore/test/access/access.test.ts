import t from 'tap'
import { Accounts } from '../../src/access/accounts.ts'
import { Attempts } from '../../src/access/attempts.ts'
import { isSameToken, Sessions, sessionLimits } from '../../src/access/sessions.ts'
import { Tokens } from '../../src/access/tokens.ts'
import { temporaryStore } from '../support/store.ts'

const password = 'correct horse battery'

t.test('an account logs in with its password only', async t => {
  const accounts = new Accounts(temporaryStore(t).database)
  await accounts.add('alice', 'admin', password)
  t.equal(await accounts.login('alice', password), 'admin')
  t.equal(await accounts.login('alice', `${password}!`), undefined)
  t.equal(await accounts.login('bob', password), undefined)
  await t.rejects(accounts.add('alice', 'viewer', password), { code: 'APPSTORE_EXISTS' })
  await t.rejects(accounts.add('bob', 'viewer', 'too short'), { code: 'APPSTORE_INPUT_INVALID', field: 'password' })
  await t.rejects(accounts.add('Bob;', 'viewer', password), { code: 'APPSTORE_INPUT_INVALID', field: 'name' })
})

t.test('a new password ends the sessions of the account', async t => {
  const { database } = temporaryStore(t)
  const accounts = new Accounts(database)
  const sessions = new Sessions(database)
  await accounts.add('alice', 'admin', password)
  const { cookie } = sessions.create('alice', 'here')
  await accounts.setPassword('alice', 'another long password')
  t.equal(sessions.recognise(cookie), undefined)
})

t.test('the last account that may administer stays', async t => {
  const accounts = new Accounts(temporaryStore(t).database)
  await accounts.add('alice', 'admin', password)
  await accounts.add('bob', 'viewer', password)
  t.throws(() => accounts.remove('alice'), { code: 'APPSTORE_WRONG_STATE' })
  t.throws(() => accounts.setRole('alice', 'viewer'), { code: 'APPSTORE_WRONG_STATE' })
  accounts.setRole('bob', 'admin')
  accounts.remove('alice')
  t.same(
    accounts.list().map(({ name }) => name),
    ['bob'],
  )
})

t.test('a token opens what it was given, and never more than its account may', async t => {
  const { database } = temporaryStore(t)
  const accounts = new Accounts(database)
  const tokens = new Tokens(database)
  await accounts.add('alice', 'admin', password)
  await accounts.add('bob', 'viewer', password)
  const { text, token } = tokens.create('bob', 'script', ['read', 'admin'])
  t.match(tokens.recognise(text), { name: 'bob', scopes: ['read'], via: 'token' })
  accounts.setRole('bob', 'admin')
  t.same(tokens.recognise(text)?.scopes, ['read', 'admin'])
  t.equal(tokens.recognise(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`), undefined)
  t.equal(tokens.recognise('appstore_'), undefined)
  tokens.remove(token.id)
  t.equal(tokens.recognise(text), undefined)
  t.throws(() => tokens.remove(token.id), { code: 'APPSTORE_NOT_FOUND' })
})

t.test('a token that has expired opens nothing, nor does one of an account that is gone', async t => {
  const { database } = temporaryStore(t)
  const accounts = new Accounts(database)
  const tokens = new Tokens(database)
  await accounts.add('alice', 'admin', password)
  await accounts.add('bob', 'viewer', password)
  const { text } = tokens.create('bob', 'script', ['read'], 5000)
  t.ok(tokens.recognise(text, 4999))
  t.equal(tokens.recognise(text, 5000), undefined)
  const other = tokens.create('bob', 'other', ['read']).text
  accounts.remove('bob')
  t.equal(tokens.recognise(other), undefined)
  t.same(tokens.list(), [])
})

t.test('a session ends by disuse, by age, and when it is ended', async t => {
  const { database } = temporaryStore(t)
  await new Accounts(database).add('alice', 'operator', password)
  const sessions = new Sessions(database)
  const { cookie, csrf } = sessions.create('alice', 'here', 0)
  const found = sessions.recognise(cookie, sessionLimits.idle)
  t.match(found, { name: 'alice', csrf, scopes: ['read', 'operate', 'console'] })
  t.equal(sessions.recognise(cookie, 2 * sessionLimits.idle + 1), undefined)
  t.equal(sessions.recognise('x'), undefined)
  const other = sessions.create('alice', 'there', 0)
  for (let now = 0; now <= sessionLimits.total; now += sessionLimits.idle) t.ok(sessions.recognise(other.cookie, now))
  t.equal(sessions.recognise(other.cookie, sessionLimits.total + 1), undefined)
  const third = sessions.create('alice', 'third')
  const id = sessions.list('alice')[0]?.id ?? ''
  t.ok(sessions.end(id))
  t.equal(sessions.recognise(third.cookie), undefined)
  t.notOk(sessions.end(id))
})

t.test('no cookie and no token is in the database', async t => {
  const { database } = temporaryStore(t)
  await new Accounts(database).add('alice', 'operator', password)
  const { cookie } = new Sessions(database).create('alice', 'here')
  const { text } = new Tokens(database).create('alice', 'x', ['read'])
  const rows = ['accounts', 'sessions', 'tokens'].flatMap(table => database.prepare(`SELECT * FROM ${table}`).all())
  const all = JSON.stringify(rows)
  for (const secret of [cookie, text, text.slice(-43), password]) t.notOk(all.includes(secret))
})

t.test('guessing gets slower with each failure, and a success clears that', async t => {
  const attempts = new Attempts()
  const keys = ['address 127.0.0.1', 'account alice']
  for (let n = 0; n < 5; n++) {
    attempts.check(keys, 0)
    attempts.fail(keys, 0)
  }
  t.throws(() => attempts.check(keys, 0), { code: 'APPSTORE_RATE_LIMITED', retryAfter: 1 })
  t.throws(() => attempts.check(['address 10.0.0.1', 'account alice'], 0), { code: 'APPSTORE_RATE_LIMITED' })
  attempts.check(keys, 1000)
  attempts.fail(keys, 1000)
  t.throws(() => attempts.check(keys, 2999), { code: 'APPSTORE_RATE_LIMITED', retryAfter: 1 })
  attempts.succeed(keys)
  attempts.check(keys, 1000)
  for (let n = 0; n < 100; n++) attempts.fail(keys, 0)
  t.throws(() => attempts.check(keys, 0), { code: 'APPSTORE_RATE_LIMITED', retryAfter: 900 })
})

t.test('two texts are the same or not', async t => {
  t.ok(isSameToken('a', 'a'))
  t.notOk(isSameToken('a', 'ab'))
})
