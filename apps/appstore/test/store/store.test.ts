import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { type JobId, newId, parseId } from '../../src/model/id.ts'
import { migrations } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/store.ts'
import { someInstall, temporaryDirectory, temporaryStore } from '../support/store.ts'

t.test('an install comes back as it was put in, and changes in part', async t => {
  const { installs } = temporaryStore(t)
  const install = someInstall({ vmid: 20001 })
  installs.add(install)
  t.same(installs.get(install.id), install)
  t.same(installs.byName('notes'), install)
  t.same(installs.byGuest(20001), install)
  const changed = installs.update(install.id, { status: 'kept', vmid: null }, 5)
  t.same(changed, { ...someInstall({ id: install.id }), status: 'kept', updatedAt: 5 })
  t.same(installs.list(), [changed])
})

t.test('two installs of one name, or of one guest, are refused', async t => {
  const { installs } = temporaryStore(t)
  installs.add(someInstall({ vmid: 20001 }))
  t.throws(() => installs.add(someInstall()), /UNIQUE/)
  t.throws(() => installs.add(someInstall({ name: 'other', vmid: 20001 })), /UNIQUE/)
})

t.test('a change that throws leaves nothing', async t => {
  const store = temporaryStore(t)
  const change = (): void => {
    store.installs.add(someInstall())
    throw new Error('no')
  }
  t.throws(() => store.transaction(change), /no/)
  t.same(store.installs.list(), [])
})

t.test('a second process is refused', async t => {
  const directory = temporaryDirectory(t)
  temporaryStore(t, directory)
  const program = `import { openStore } from ${JSON.stringify(import.meta.resolve('../../src/store/store.ts'))}
    try { openStore(${JSON.stringify(directory)}) } catch (error) { console.log(error.code) }`
  const { stdout } = spawnSync(process.execPath, ['--conditions=@broker/source', '--input-type=module', '-e', program])
  t.equal(String(stdout).trim(), 'APPSTORE_STORE_BUSY')
})

t.test('a database of a newer version, and a file that is none, are refused', async t => {
  const newer = temporaryDirectory(t)
  openStore(newer).close()
  const database = new DatabaseSync(join(newer, 'appstore.db'))
  database.exec(`PRAGMA user_version=${migrations.length + 1}`)
  database.close()
  t.throws(() => openStore(newer), { code: 'APPSTORE_STORE_TOO_NEW' })
  const damaged = temporaryDirectory(t)
  writeFileSync(join(damaged, 'appstore.db'), 'no database at all, but long enough to be looked at by it'.repeat(20))
  t.throws(() => openStore(damaged), { code: 'APPSTORE_STORE_DAMAGED' })
})

t.test('jobs are listed newest first, by page, state and install', async t => {
  const { jobs } = temporaryStore(t)
  const ids = [1, 2, 3].map(n => newId<JobId>(n * 1000))
  const install = someInstall().id
  for (const id of ids) {
    jobs.add({ id, kind: 'stop', install: id === ids[0] ? install : newId(), principal: 'alice', input: {} })
  }
  t.same(
    jobs.list().map(({ id }) => id),
    ids.toReversed(),
  )
  t.same(
    jobs.list({ before: ids[2] as JobId, limit: 1 }).map(({ id }) => id),
    [ids[1]],
  )
  t.same(
    jobs.list({ install }).map(({ id }) => id),
    [ids[0]],
  )
  jobs.setState(ids[1] as JobId, 'succeeded', undefined, 5)
  t.same(
    jobs.list({ states: ['succeeded'] }).map(({ id }) => id),
    [ids[1]],
  )
  t.same(
    jobs.unfinished().map(({ id }) => id),
    [ids[0], ids[2]],
  )
  t.equal(jobs.prune(6), 1)
  t.equal(jobs.list().length, 2)
})

t.test('an id sorts by its time, and nothing else is read as one', async t => {
  t.ok(newId(1000) < newId(2000))
  const id = newId()
  t.equal(parseId(id), id)
  for (const value of ['', 'x', 5, `${newId()}a`, newId().toUpperCase(), `z${newId().slice(1)}`]) {
    t.equal(parseId(value), undefined)
  }
})
