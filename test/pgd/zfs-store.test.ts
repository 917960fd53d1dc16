import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { SnapshotFacts, VolumeFacts } from '../../apps/pgd/src/facts/model.ts'
import { newId } from '../../apps/pgd/src/names/id.ts'
import type { Inventory, Snapshot, Volume } from '../../apps/pgd/src/store/store.ts'
import { insideHost } from '../host/prepare.ts'
import { runAs, runScriptAs } from '../host/service.ts'
import { startZfsBroker } from './support/zfs-broker.ts'
import { notRunning, type StoreAnswer, type StoreCall } from './support/zfs-store-calls.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/zfs-store.test.ts'
const root = join(import.meta.dirname, '../..')
const base = 'tank/pgd/databases'

if (skip === false) {
  const daemon = await startZfsBroker()
  t.teardown(async () => {
    await daemon.stop()
    // The files of this folder share one host.
    spawnSync('/usr/sbin/zfs', ['destroy', '-r', 'tank/pgd/databases/acme'])
  })
}

/** Calls of the store as alice, who is in the group of the policy. */
async function calls(some: readonly StoreCall[], mode = 'in order', user = 'alice'): Promise<StoreAnswer[]> {
  const script = join(import.meta.dirname, 'support/zfs-store-calls.ts')
  const run = await runScriptAs(user, script, [mode], { cwd: root, input: JSON.stringify(some), readOnly: false })
  if (run.stdout === '') throw new Error(run.stderr)
  return JSON.parse(run.stdout) as StoreAnswer[]
}

/** One call that has to succeed. */
async function must<T = unknown>(call: string, ...args: readonly unknown[]): Promise<T> {
  const [answer] = await calls([{ call, args }])
  if (answer?.message !== undefined) throw new Error(`${call}: ${answer.message}`)
  return answer?.value as T
}
const one = async (call: string, ...args: readonly unknown[]): Promise<StoreAnswer | undefined> =>
  (await calls([{ call, args }]))[0]

const zfs = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('/usr/sbin/zfs', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`zfs ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}
const datasets = (): string[] => zfs('list', '-H', '-o', 'name', '-t', 'all', '-r', base).split('\n')

const created = 1_790_000_000_000
const project = { id: newId(), created, runtime: 'process', version: 15 }
const volumeFacts = (more: Partial<VolumeFacts> = {}): VolumeFacts => ({
  ...{ id: newId(), state: 'creating', created, port: 5433, wanted: 'running', ...more },
})
const snapshotFacts = (more: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id: newId(),
  kind: 'branch',
  created,
  ...more,
})
const at = (branch: string, generation = 1) => ({ project: 'acme', branch, generation })
const asAlice = (script: string) => runAs('alice', ['sh', '-c', script], { readOnly: false })

t.test('a project is made once, and is never mounted', { skip }, async t => {
  await must('createProject', 'acme', project)
  t.match(await one('createProject', 'acme', project), { code: 'PGD_EXISTS' })
  t.match(zfs('get', '-Hp', '-o', 'value', 'canmount,mounted', `${base}/acme`), /^off\nno$/)
  await must('changeProject', 'acme', { ...project, version: 16 })
  const { projects, foreign } = await must<Inventory>('list')
  t.strictSame(projects, [{ name: 'acme', facts: { ...project, version: 16 } }])
  t.strictSame(foreign, [`${base}/shop`, `${base}/shop/main`], 'what root made there by hand')
})

t.test('a new volume is empty, mounted, and belongs to the account alone', { skip }, async t => {
  const facts = volumeFacts()
  const volume = await must<Volume>('createVolume', at('main'), facts)
  t.match(volume, { ...at('main'), facts, path: `/${base}/acme/main`, isMounted: true })
  t.equal(statSync(volume.path).mode & 0o7777, 0o700)
  t.match(await asAlice(`echo one > ${volume.path}/data && cat ${volume.path}/data`), { stdout: 'one\n', exitCode: 0 })
  t.match(await runAs('mallory', ['ls', volume.path], { readOnly: false }), { exitCode: 2 })
  t.match(await one('createVolume', at('main'), volumeFacts()), { code: 'PGD_EXISTS' })
  t.match(await one('createVolume', { ...at('x'), project: 'none' }, volumeFacts()), {
    code: /^PGD_(REFUSED|NOT_FOUND)$/,
  })
  const ready = await must<Volume>('changeVolume', volume, { ...facts, state: 'ready', label: 'a-b' })
  const { volumes } = await must<Inventory>('list')
  t.strictSame(
    volumes.map(({ guid, facts }) => ({ guid, facts })),
    [{ guid: volume.guid, facts: ready.facts }],
  )
})

t.test('a copy has the data of its parent, and goes without it', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  const made = await must<{ volume: Volume; snapshot: Snapshot }>(
    'copyVolume',
    main,
    snapshotFacts(),
    at('dev'),
    volumeFacts(),
    notRunning,
  )
  t.equal(made.volume.origin, made.snapshot.guid)
  t.match(await asAlice(`cat ${made.volume.path}/data; echo two > ${made.volume.path}/data`), { stdout: 'one\n' })
  t.match(await asAlice(`cat ${main.path}/data`), { stdout: 'one\n' })
  t.match(await one('copyVolume', main, snapshotFacts(), at('dev'), volumeFacts(), notRunning), { code: 'PGD_EXISTS' })
  const { snapshots } = await must<Inventory>('list')
  t.equal(snapshots.length, 1, 'what failed leaves no snapshot')
  t.strictSame(snapshots[0]?.clones, [made.volume.guid])

  t.match(await one('destroyVolume', main), { code: 'PGD_HAS_DEPENDENTS', message: /acme\/dev/ })
  t.match(await one('destroySnapshot', snapshots[0]), { code: 'PGD_HAS_DEPENDENTS' })
  t.match(await one('destroyProject', 'acme'), { code: 'PGD_HAS_DEPENDENTS' })
  await must('destroyVolume', made.volume)
  t.notOk(
    datasets().some(name => name.includes('dev') || name.includes('@')),
    'the snapshot went with it',
  )
  await must('destroyVolume', made.volume)
})

t.test('a snapshot is kept until it is destroyed, also when a promotion moves it', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  const kept = await must<Snapshot>('snapshot', main, snapshotFacts({ kind: 'user', label: 'before' }), notRunning)
  await asAlice(`echo three > ${main.path}/data`)
  const old = await must<Volume>('cloneSnapshot', kept, at('old'), volumeFacts())
  t.match(await asAlice(`cat ${old.path}/data`), { stdout: 'one\n' })
  await must('changeSnapshot', kept, { ...kept.facts, label: 'after' })
  await must('promote', old)
  await must('promote', old)
  t.ok(datasets().includes(`${base}/acme/old@${kept.facts.id}`))
  const again = await must<Volume>('cloneSnapshot', kept, at('again'), volumeFacts())
  t.equal(again.origin, kept.guid, 'found by what it is, not by where it was')
  await must('changeSnapshot', kept, kept.facts)
  await must('destroyVolume', again)
  t.match(await one('destroyVolume', old), { code: 'PGD_HAS_DEPENDENTS', message: /acme\/main/ })
  await must('promote', main)
  await must('destroyVolume', old)
  await must('destroySnapshot', kept)
  t.strictSame(datasets(), [base, `${base}/acme`, `${base}/acme/main`, `${base}/shop`, `${base}/shop/main`])
})

t.test('a volume gets another name, and is the same one', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  const next = await must<Volume>('renameVolume', main, at('main', 2))
  t.match(next, { guid: main.guid, generation: 2, path: `/${base}/acme/main__2`, isMounted: false })
  const other = await must<Volume>('createVolume', at('main'), volumeFacts())
  t.match(await one('renameVolume', other, at('main', 2)), { code: 'PGD_EXISTS' })
  await must('destroyVolume', main)
  t.notOk(datasets().includes(`${base}/acme/main__2`), 'destroyed by what it is')
  t.ok(datasets().includes(`${base}/acme/main`), 'and not what has its old name now')
  t.match(await must<Volume>('unmount', other), { isMounted: false })
  t.match(await must<Volume>('unmount', other), { isMounted: false })
  t.match(await must<Volume>('mount', other), { isMounted: true })
  t.match(await must<Volume>('mount', other), { isMounted: true })
})

t.test('nothing goes that pgd did not make', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  zfs('snapshot', `${base}/acme/main@byhand`)
  t.match(await one('destroyVolume', main), { code: 'PGD_FOREIGN', message: /acme\/main@byhand/ })
  zfs('destroy', `${base}/acme/main@byhand`)
  zfs('create', '-o', 'canmount=noauto', `${base}/acme/hers`)
  t.match(await one('destroyProject', 'acme'), { code: 'PGD_HAS_DEPENDENTS' })
  t.ok((await must<Inventory>('list')).foreign.includes(`${base}/acme/hers`))
  zfs('destroy', `${base}/acme/hers`)
})

t.test('the same name at once: exactly one wins; other names all do', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  const copy = (branch: string) => ({
    call: 'copyVolume',
    args: [main, snapshotFacts(), at(branch), volumeFacts(), notRunning],
  })
  const same = await calls(
    Array.from({ length: 5 }, () => copy('same')),
    'together',
  )
  t.equal(same.filter(({ code }) => code === undefined).length, 1)
  t.equal(same.filter(({ code }) => code === 'PGD_EXISTS').length, 4, JSON.stringify(same.map(each => each.message)))
  const twenty = await calls(
    Array.from({ length: 20 }, (_, index) => copy(`b${index}`)),
    'together',
  )
  t.strictSame(
    twenty.flatMap(({ message }) => message ?? []),
    [],
  )
  const { volumes, snapshots } = await must<Inventory>('list')
  t.equal(volumes.length, 22)
  t.equal(snapshots.length, 21, 'a snapshot for each, and none of those that lost')
  const rest = volumes.filter(({ guid }) => guid !== main.guid)
  const gone = await calls(
    rest.map(volume => ({ call: 'destroyVolume', args: [volume] })),
    'together',
  )
  t.strictSame(
    gone.flatMap(({ message }) => message ?? []),
    [],
  )
  t.strictSame(datasets(), [base, `${base}/acme`, `${base}/acme/main`, `${base}/shop`, `${base}/shop/main`])
})

t.test('a quota that is used up is said, and nothing stays', { skip }, async t => {
  const [main] = (await must<Inventory>('list')).volumes as [Volume]
  const before = datasets()
  const whole = await must<{ free: number; total: number }>('space')
  zfs('set', 'quota=6M', base)
  t.teardown(() => zfs('set', 'quota=none', base))
  const space = await must<{ free: number; total: number }>('space')
  t.equal(space.total, 6 * 1024 * 1024)
  t.ok(space.free < whole.free)
  await asAlice(`dd if=/dev/zero of=${main.path}/full bs=64k count=200; sync`)
  const [copied] = await calls([
    { call: 'copyVolume', args: [main, snapshotFacts(), at('full'), volumeFacts(), notRunning] },
  ])
  t.match(copied, { code: 'PGD_NO_SPACE' }, copied?.message ?? 'it was copied')
  t.strictSame(datasets(), before)
})

t.test('another account reaches nothing of it', { skip }, async t => {
  await t.rejects(
    calls([{ call: 'list' }], 'in order', 'mallory').then(([answer]) => {
      if (answer?.code !== undefined) throw new Error(answer.code)
    }),
  )
})

t.test('two hundred volumes are listed in one question', { skip }, async t => {
  for (let index = 0; index < 200; index += 1) {
    const facts = `id=${newId()},state=ready,created=2026-09-21T20:26:40.000Z,port=5433,wanted=running`
    zfs('create', '-o', 'canmount=noauto', '-o', `pgd:volume=${facts}`, `${base}/acme/n${index}`)
  }
  const [first, second] = await calls([{ call: 'list' }, { call: 'list' }])
  t.equal((first?.value as Inventory | undefined)?.volumes.length, 201)
  t.comment(`listed in ${Math.round(second?.took ?? 0)} ms`)
})
