import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Frozen, Store, Volume } from '../../../src/store/store.ts'
import {
  filesBelow,
  newStore,
  segment,
  snapshotFacts,
  stopped,
  volumeFacts,
  volumeName,
  writeFiles,
} from './support/store.ts'

const [one, two, three, four] = ['1', '2', '3', '4']
  .map(last => last.padStart(8, '0'))
  .map(last => `000000010000000A${last}`) as [string, string, string, string]

/** What a data directory holds, in small. */
const data = {
  'data/PG_VERSION': '15',
  'data/global/pg_control': 'control',
  'data/base/5/1259': 'relation',
  'data/pg_xact/0000': 'commits',
  'data/postgresql.auto.conf': 'settings',
  'tls/server.key': 'key',
  password: 'secret',
  'pg_hba.conf': 'hba',
}

/** What is no part of a copy. */
const leftOut = {
  'data/postmaster.pid': '1',
  'data/postmaster.opts': 'postgres',
  'data/pg_replslot/slot/state': 'slot',
  'data/pg_stat_tmp/global.stat': 'x',
  'data/pg_notify/0000': 'x',
  'data/base/5/pg_internal.init': 'cache',
  'data/base/pgsql_tmp/pgsql_tmp1.0': 'sort',
  'run/.s.PGSQL.5432.lock': '1',
  'server.log': 'words',
}

/** A branch with a server's files. */
async function newBranch(
  t: Test,
): Promise<{ store: Store; volume: Volume; copy: (frozen: Frozen) => Promise<Volume> }> {
  const store = await newStore(t)
  const volume = await store.createVolume(volumeName('main'), volumeFacts())
  writeFiles(volume.path, {
    ...data,
    ...leftOut,
    'data/pg_wal/archive_status/x.ready': '',
    [`wal/${one}`]: segment(one),
  })
  const copy = async (frozen: Frozen): Promise<Volume> =>
    (await store.copyVolume(volume, snapshotFacts(), volumeName('dev'), volumeFacts(), frozen)).volume
  return { store, volume, copy }
}

/** A server that is told of the copy, and ends it with what `end` did to its files. */
const running =
  (firstSegment: string, end: () => void = () => {}): Frozen =>
  async copy => {
    await copy()
    end()
    return { files: { backup_label: 'START WAL LOCATION' }, firstSegment }
  }

const walOf = ({ path }: Volume): string[] => filesBelow(join(path, 'data/pg_wal'))

t.test('the copy of a stopped server has all but what the server makes anew, and no archive', async t => {
  const { store, volume, copy } = await newBranch(t)
  writeFiles(volume.path, { [`data/pg_wal/${two}`]: segment(two), [`data/pg_wal/${three}`]: segment(three, one) })
  const made = await copy(stopped)
  const wal = [`data/pg_wal/${two}`, 'data/pg_wal/archive_status/x.ready']
  t.same(filesBelow(made.path), [...Object.keys(data), ...wal].sort())
  for (const [name, content] of Object.entries(data)) t.equal(readFileSync(join(made.path, name), 'utf8'), content)
  for (const name of ['wal', 'run', 'data/pg_replslot', 'data/pg_notify'])
    t.same(readdirSync(join(made.path, name)), [])
  t.same((await store.list()).leftovers, [])
})

t.test('the copy of a running server has its label, and the WAL from the first segment that it needs', async t => {
  const { volume, copy } = await newBranch(t)
  const wal = Object.fromEntries([one, two, three].map(name => [`data/pg_wal/${name}`, segment(name)]))
  writeFiles(volume.path, { ...wal, [`data/pg_wal/${four}`]: segment(four, one), 'data/pg_wal/00000001.history': 'h' })
  const made = await copy(running(two))
  t.same(walOf(made), ['00000001.history', two, three])
  t.equal(readFileSync(join(made.path, 'data/backup_label'), 'utf8'), 'START WAL LOCATION')
})

t.test('WAL is copied after the copy ended, and not before', async t => {
  const { volume, copy } = await newBranch(t)
  writeFiles(volume.path, { [`data/pg_wal/${two}`]: segment(two) })
  const late = () => writeFiles(volume.path, { [`data/pg_wal/${three}`]: segment(three) })
  t.same(walOf(await copy(running(two, late))), [two, three])
})

t.test('segments that were archived and recycled meanwhile come from the archive', async t => {
  const { volume, copy } = await newBranch(t)
  writeFiles(volume.path, { [`data/pg_wal/${two}`]: segment(two), [`data/pg_wal/${three}`]: segment(three) })
  const recycle = () => {
    writeFiles(volume.path, { [`wal/${two}`]: segment(two), [`wal/${four}.partial`]: '' })
    renameSync(join(volume.path, 'data/pg_wal', two), join(volume.path, 'data/pg_wal', four))
  }
  const made = await copy(running(two, recycle))
  t.same(walOf(made), [two, three])
  t.same(readFileSync(join(made.path, 'data/pg_wal', two)), segment(two))
})

t.test('a first segment that is nowhere makes the copy fail, and nothing is left', async t => {
  const { store, volume, copy } = await newBranch(t)
  writeFiles(volume.path, { [`data/pg_wal/${three}`]: segment(three) })
  await t.rejects(copy(running(two)), { code: 'PGD_NOT_COVERED' })
  t.same([(await store.list()).volumes.length, (await store.list()).leftovers, await store.sweep?.()], [1, [], []])
})

t.test('files that vanish while a server runs are left out', async t => {
  const { volume, copy } = await newBranch(t)
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`data/base/5/${20_000 + i}`, 'x']))
  writeFiles(volume.path, { ...many, [`data/pg_wal/${two}`]: segment(two) })
  const made = await copy(async copying => {
    const copied = copying()
    // One end of the list is copied while the other one goes.
    for (const name of Object.keys(many).reverse().slice(0, 2000)) rmSync(join(volume.path, name))
    await copied
    return { files: {}, firstSegment: two }
  })
  t.ok(readdirSync(join(made.path, 'data/base/5')).length >= 1001)
})

t.test('a link is never followed or copied', async t => {
  const { store, volume, copy } = await newBranch(t)
  mkdirSync(join(volume.path, 'data/pg_tblspc'))
  symlinkSync('/tmp', join(volume.path, 'data/pg_tblspc/16384'))
  await t.rejects(copy(stopped), { code: 'PGD_FOREIGN' })
  await t.rejects(store.snapshot(volume, snapshotFacts(), stopped), { code: 'PGD_FOREIGN' })
  const { volumes, snapshots, leftovers } = await store.list()
  t.same([volumes.length, snapshots, leftovers], [1, [], []])
})

t.test('a server that fails to end the copy makes it fail, and nothing is left', async t => {
  const { store, copy } = await newBranch(t)
  const failing: Frozen = async copying => {
    await copying()
    throw new Error('the server went away')
  }
  await t.rejects(copy(failing), { message: /the server went away/ })
  t.equal((await store.list()).volumes.length, 1)
  t.same(filesBelow(join(store.pathOf(volumeName('main')), '../../../.scratch')), [])
})

t.test('an interrupt ends a copy, and nothing is left', async t => {
  const { store, volume } = await newBranch(t)
  writeFiles(volume.path, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`data/base/5/${20_000 + i}`, 'x'])))
  const snapshot = await store.snapshot(volume, snapshotFacts(), stopped)
  const controller = new AbortController()
  const scratch = join(store.pathOf(volumeName('main')), '../../../.scratch')
  const during: Frozen = async copying => {
    const copied = copying()
    while (filesBelow(scratch).filter(name => name.includes('base')).length === 0) await setImmediate()
    controller.abort()
    await t.rejects(copied, { code: 'PGD_CANCELLED' })
    return copied.then(() => undefined)
  }
  const { signal } = controller
  const dev = volumeName('dev')
  await t.rejects(store.copyVolume(volume, snapshotFacts(), dev, volumeFacts(), during, signal), {
    code: 'PGD_CANCELLED',
  })
  await t.rejects(store.cloneSnapshot(snapshot, dev, volumeFacts(), signal), { code: 'PGD_CANCELLED' })
  await t.rejects(store.snapshot(volume, snapshotFacts(), stopped, signal), { code: 'PGD_CANCELLED' })
  const { volumes, snapshots, leftovers } = await store.list()
  t.same([volumes.length, snapshots.length, leftovers], [1, 1, []])
})

t.test('a copy belongs to nobody else: neither changes with the other', async t => {
  const { store, volume, copy } = await newBranch(t)
  const made = await copy(stopped)
  writeFileSync(join(made.path, 'data/base/5/1259'), 'changed')
  t.equal(readFileSync(join(volume.path, 'data/base/5/1259'), 'utf8'), 'relation')
  await store.destroyVolume(volume)
  t.equal(readFileSync(join(made.path, 'data/base/5/1259'), 'utf8'), 'changed')
})
