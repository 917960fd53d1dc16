import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDirectoryStore } from '../../../src/store/directory/open.ts'
import {
  filesBelow,
  newStore,
  projectFacts,
  shop,
  snapshotFacts,
  stopped,
  volumeFacts,
  volumeName,
  writeFiles,
} from './support/store.ts'

const dev = volumeName('dev')

t.test('a store that was never used is empty, and is made with its first project for this account alone', async t => {
  const root = join(t.testdir({}), 'a', 'databases')
  const store = openDirectoryStore(root)
  t.same(await store.list(), { projects: [], volumes: [], snapshots: [], foreign: [], leftovers: [] })
  t.equal(existsSync(root), false)
  const { free, total } = await store.space()
  t.ok(free > 0 && total >= free)
  const facts = projectFacts()
  await store.createProject(shop, facts)
  t.equal(statSync(root).mode & 0o777, 0o700)
  t.same((await store.list()).projects, [{ name: shop, facts }])
})

t.test('a project is made once, changed, and destroyed when it is empty', async t => {
  const store = await newStore(t)
  await t.rejects(store.createProject(shop, projectFacts()), { code: 'PGD_EXISTS' })
  const facts = projectFacts()
  await store.changeProject(shop, facts)
  t.same((await store.list()).projects, [{ name: shop, facts }])
  const volume = await store.createVolume(dev, volumeFacts())
  await t.rejects(store.destroyProject(shop), { code: 'PGD_HAS_DEPENDENTS' })
  await store.destroyVolume(volume)
  await store.destroyProject(shop)
  t.same((await store.list()).projects, [])
  await t.rejects(store.destroyProject(shop), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.changeProject(shop, facts), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.createVolume(dev, volumeFacts()), { code: 'PGD_NOT_FOUND' })
})

t.test('a volume is empty, private, and where it was said to be', async t => {
  const store = await newStore(t)
  const facts = volumeFacts({ label: 'first', isProtected: true })
  const volume = await store.createVolume(dev, facts)
  t.match(volume, { ...dev, facts, isMounted: true, path: store.pathOf(dev) })
  t.same(filesBelow(volume.path), [])
  t.equal(statSync(volume.path).mode & 0o777, 0o700)
  t.same((await store.list()).volumes, [volume])
  await t.rejects(store.createVolume(dev, volumeFacts()), { code: 'PGD_EXISTS' })
  t.equal(await store.mount(volume), volume)
  t.equal(await store.unmount(volume), volume)
})

t.test('facts are changed at once, and of this very volume only', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  const changed = await store.changeVolume(volume, { ...volume.facts, state: 'ready' })
  t.same((await store.list()).volumes, [changed])
  await store.destroyVolume(volume)
  const other = await store.createVolume(dev, volumeFacts())
  t.not(other.guid, volume.guid)
  await t.rejects(store.changeVolume(volume, volume.facts), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.destroyVolume(volume), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.renameVolume(volume, volumeName('new')), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.snapshot(volume, snapshotFacts(), stopped), { code: 'PGD_NOT_FOUND' })
  t.same((await store.list()).volumes, [other])
})

t.test('a generation is a volume of its own', async t => {
  const store = await newStore(t)
  await store.createVolume(dev, volumeFacts())
  await store.createVolume(volumeName('dev', 2), volumeFacts())
  await store.createVolume(volumeName('dev', 13), volumeFacts())
  t.same((await store.list()).volumes.map(({ generation }) => generation).sort(), [1, 13, 2])
})

t.test('a volume that is renamed keeps its identity and its snapshots', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  await store.createVolume(volumeName('taken'), volumeFacts())
  const snapshot = await store.snapshot(volume, snapshotFacts(), stopped)
  await t.rejects(store.renameVolume(volume, volumeName('taken')), { code: 'PGD_EXISTS' })
  const renamed = await store.renameVolume(volume, volumeName('new'))
  t.match(renamed, { branch: 'new', guid: volume.guid, facts: volume.facts, path: store.pathOf(volumeName('new')) })
  const { snapshots, volumes } = await store.list()
  t.same(volumes.map(({ branch }) => branch).sort(), ['new', 'taken'])
  t.same(snapshots, [{ ...snapshot, of: volumeName('new') }])
})

t.test('snapshots are copies that stay when the volume changes', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  writeFiles(volume.path, { 'data/PG_VERSION': '17', password: 'secret' })
  const facts = snapshotFacts()
  const snapshot = await store.snapshot(volume, facts, stopped)
  t.match(snapshot, { of: dev, facts, clones: [] })
  await t.rejects(store.snapshot(volume, facts, stopped), { code: 'PGD_EXISTS' })
  writeFiles(volume.path, { 'data/PG_VERSION': '18' })
  const clone = await store.cloneSnapshot(snapshot, volumeName('clone'), volumeFacts())
  t.equal(readFileSync(join(clone.path, 'data/PG_VERSION'), 'utf8'), '17')
  t.equal(statSync(join(clone.path, 'password')).mode & 0o777, 0o600)
  const changed = { ...facts, timeline: 1, segment: '0'.repeat(23).concat('1') }
  await store.changeSnapshot(snapshot, changed)
  t.same((await store.list()).snapshots, [{ ...snapshot, facts: changed }])
  await store.destroySnapshot({ ...snapshot, facts: changed })
  t.same((await store.list()).snapshots, [])
  await t.rejects(store.destroySnapshot(snapshot), { code: 'PGD_NOT_FOUND' })
  await t.rejects(store.cloneSnapshot(snapshot, volumeName('late'), volumeFacts()), { code: 'PGD_NOT_FOUND' })
  t.same(filesBelow(clone.path), ['data/PG_VERSION', 'password'])
})

t.test('a destroyed volume goes with its snapshots and leaves nothing', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  writeFiles(volume.path, { 'data/base/1/1259': 'x' })
  await store.snapshot(volume, snapshotFacts(), stopped)
  await store.destroyVolume(volume)
  t.same(filesBelow(store.root), ['shop/.pgd'])
})

t.test('what pgd did not make is named, and never touched', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  const snapshots = join(volume.path, '../snapshots')
  mkdirSync(join(store.root, 'mine'))
  mkdirSync(join(store.root, 'shop/theirs'))
  mkdirSync(join(store.root, 'shop/dev__1'))
  mkdirSync(join(snapshots, 'other'))
  writeFileSync(join(store.root, 'shop/notes'), '')
  writeFileSync(join(store.root, 'odd name'), '')
  t.same((await store.list()).foreign, [
    'mine',
    'odd name',
    'shop/dev@other',
    'shop/dev__1',
    'shop/notes',
    'shop/theirs',
  ])
  await t.rejects(store.createProject(volumeName('mine').branch, projectFacts()), { code: 'PGD_FOREIGN' })
  await t.rejects(store.createVolume(volumeName('theirs'), volumeFacts()), { code: 'PGD_FOREIGN' })
  await t.rejects(store.createVolume(volumeName('notes'), volumeFacts()), { code: 'PGD_FOREIGN' })
  await t.rejects(store.renameVolume(volume, volumeName('theirs')), { code: 'PGD_FOREIGN' })
  await t.rejects(store.destroyVolume(volume), { code: 'PGD_FOREIGN' })
  await t.rejects(store.destroyProject(shop), { code: 'PGD_HAS_DEPENDENTS' })
  t.equal(existsSync(join(store.root, 'mine')), true)
})

t.test('a record that was changed by hand makes a directory foreign', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  const record = join(volume.path, '../.pgd')
  const text = readFileSync(record, 'utf8')
  for (const damaged of ['', 'x', text.replace('port=', 'prot='), text.split('\n')[0] ?? '', `${text}more\n`]) {
    writeFileSync(record, damaged)
    t.same((await store.list()).foreign, ['shop/dev'])
  }
  writeFileSync(record, text)
  t.same((await store.list()).foreign, [])
})

t.test('a directory that others can reach into is refused', async t => {
  const store = await newStore(t)
  chmodSync(store.root, 0o755)
  await t.rejects(store.createVolume(dev, volumeFacts()), { code: 'PGD_REFUSED' })
  chmodSync(store.root, 0o700)
  await store.createVolume(dev, volumeFacts())
})

t.test('of twenty who make the same volume at once, exactly one wins', async t => {
  const store = await newStore(t)
  const source = await store.createVolume(dev, volumeFacts())
  writeFiles(source.path, { 'data/PG_VERSION': '17' })
  const ends = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0
        ? store.createVolume(volumeName('same'), volumeFacts())
        : store.copyVolume(source, snapshotFacts(), volumeName('same'), volumeFacts(), stopped),
    ),
  )
  const failed = ends.filter(end => end.status === 'rejected')
  t.equal(failed.length, 19)
  t.ok(failed.every(({ reason }) => reason.code === 'PGD_EXISTS'))
  t.equal((await store.list()).volumes.length, 2)
  t.same((await store.list()).leftovers, [])
})

t.test('sizes are told where they are asked for', async t => {
  const store = await newStore(t)
  const volume = await store.createVolume(dev, volumeFacts())
  writeFiles(volume.path, { 'data/big': Buffer.alloc(2 ** 20, 1) })
  await store.snapshot(volume, snapshotFacts(), stopped)
  const [plain, measured] = [await store.list(), await store.list({ sizes: true })]
  t.same([plain.volumes[0]?.used, plain.snapshots[0]?.used], [0, 0])
  t.ok((measured.volumes[0]?.used ?? 0) >= 2 ** 20)
  t.equal(measured.volumes[0]?.used, measured.volumes[0]?.referenced)
  t.ok((measured.snapshots[0]?.used ?? 0) >= 2 ** 20)
  rmSync(volume.path, { recursive: true })
})
