import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadKey } from '../../src/secrets/key.ts'
import { Vault } from '../../src/secrets/vault.ts'
import { temporaryDirectory, temporaryStore } from '../support/store.ts'

t.test('a secret comes back, and is not in the database', async t => {
  const directory = temporaryDirectory(t)
  const store = temporaryStore(t, directory)
  const vault = new Vault(loadKey(directory), store.secrets)
  vault.set('install', 'password', 'canary-7f3a')
  t.equal(vault.get('install', 'password'), 'canary-7f3a')
  t.equal(vault.get('install', 'other'), undefined)
  store.close()
  for (const name of ['appstore.db', 'appstore.db-wal']) {
    const path = join(directory, name)
    if (statSync(path, { throwIfNoEntry: false })) t.notMatch(readFileSync(path, 'latin1'), 'canary-7f3a')
  }
})

t.test('a box that was moved to another row, or sealed by another key, does not open', async t => {
  const directory = temporaryDirectory(t)
  const store = temporaryStore(t, directory)
  const vault = new Vault(loadKey(directory), store.secrets)
  vault.set('install', 'password', 'canary')
  const sealed = store.secrets.get('install', 'password')
  if (sealed !== undefined) store.secrets.set('install', 'user', sealed)
  t.throws(() => vault.get('install', 'user'), { code: 'APPSTORE_SECRET_UNREADABLE' })
  const other = new Vault(loadKey(temporaryDirectory(t)), store.secrets)
  t.throws(() => other.get('install', 'password'), { code: 'APPSTORE_SECRET_UNREADABLE' })
})

t.test('secrets are given from one owner to another', async t => {
  const directory = temporaryDirectory(t)
  const vault = new Vault(loadKey(directory), temporaryStore(t, directory).secrets)
  vault.set('job', 'password', 'new')
  vault.set('install', 'password', 'old')
  vault.set('install', 'token', 'kept')
  vault.move('job', 'install')
  t.same(vault.all('install'), { password: 'new', token: 'kept' })
  t.same(vault.names('job'), [])
})

t.test('the key is made once, for this account alone', async t => {
  const directory = temporaryDirectory(t)
  const key = loadKey(directory)
  t.equal(key.length, 32)
  t.equal(statSync(join(directory, 'key')).mode & 0o777, 0o600)
  t.same(loadKey(directory), key)
})

t.test('a key that others can read, of another length, or behind a link is refused', async t => {
  const directory = temporaryDirectory(t)
  const path = join(directory, 'key')
  loadKey(directory)
  chmodSync(path, 0o640)
  t.throws(() => loadKey(directory), { code: 'APPSTORE_STORE_UNAVAILABLE', message: /others may read/ })
  const short = temporaryDirectory(t)
  writeFileSync(join(short, 'key'), 'short', { mode: 0o600 })
  t.throws(() => loadKey(short), { message: /5 bytes in place of 32/ })
  const linked = temporaryDirectory(t)
  symlinkSync(path, join(linked, 'key'))
  t.throws(() => loadKey(linked), { code: 'APPSTORE_STORE_UNAVAILABLE' })
})
