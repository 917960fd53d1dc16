import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Context } from '../../src/context.ts'
import { checkAuthority } from '../../src/doctor/authority.ts'
import { policyFindings } from '../../src/doctor/broker.ts'
import { checkClock, watchClock } from '../../src/doctor/clock.ts'
import { type Finding, findings } from '../../src/doctor/finding.ts'
import { checkPorts } from '../../src/doctor/ports.ts'
import { checkByProbe } from '../../src/doctor/probe.ts'
import { checkStorage } from '../../src/doctor/storage.ts'
import { PgdError } from '../../src/errors/error.ts'
import { openLocks } from '../../src/locks/locks.ts'
import { openDirectoryStore } from '../../src/store/directory/open.ts'
import type { Store } from '../../src/store/store.ts'
import { type World, worldOf } from '../../src/world/world.ts'

const place = async (s: Test): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'pgd-doctor-'))
  s.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}
const levels = (all: readonly Finding[]) => all.map(({ level }) => level)
const nothing = worldOf({ projects: [], volumes: [], snapshots: [], foreign: [] }, [])

t.test('what privexec finds is told, and a group that is as good as root keeps nobody from working', async s => {
  const findings = [
    { check: 'groups', level: 'error', message: 'alice is a member of docker', advice: 'gpasswd' },
    { check: 'drop-in', level: 'error', message: 'is not there' },
    { check: 'sudo', level: 'warning', message: 'is old' },
    { check: 'account', level: 'ok', message: 'fine' },
  ]
  s.strictSame(policyFindings(JSON.stringify({ findings }), 'pgd'), [
    { check: 'policy', level: 'warning', message: 'groups: alice is a member of docker', advice: 'gpasswd' },
    { check: 'policy', level: 'problem', message: 'drop-in: is not there' },
    { check: 'policy', level: 'warning', message: 'sudo: is old' },
  ])
  s.strictSame(levels(policyFindings('{"findings":[]}', 'pgd')), ['ok'])
  s.match(policyFindings('no answer', 'pgd')[0], { level: 'warning', message: /gave no answer/ })
})

t.test('the key of the authority is for its account alone', async s => {
  const directory = join(await place(s), 'authority')
  s.match(await checkAuthority(directory), [{ level: 'ok', message: /no certificate authority yet/ }])
  await mkdir(directory, { mode: 0o700 })
  const key = join(directory, 'ca.key')
  await writeFile(key, 'secret', { mode: 0o600 })
  s.strictSame(levels(await checkAuthority(directory)), ['ok'])
  await chmod(key, 0o640)
  s.match(await checkAuthority(directory), [{ level: 'problem', message: /ca\.key is open to others, mode 640/ }])
  await chmod(key, 0o600)
  await chmod(directory, 0o770)
  s.match(await checkAuthority(directory), [{ level: 'problem', message: /authority is open to others/ }])
})

t.test('ports are tried by listening on them', async s => {
  const server = createServer()
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  s.teardown(() => void server.close())
  const { port } = server.address() as { port: number }
  s.match(await checkPorts(port, 1), [{ level: 'problem' }])
  s.match(await checkPorts(port, 50), [{ level: 'ok' }])
})

t.test('a clock that was set is noticed, by how far, and one that stands still is not', async s => {
  let [real, monotonic] = [1_000_000, 50]
  const jump = watchClock(
    () => real,
    () => monotonic,
  )
  ;[real, monotonic] = [real + 500, monotonic + 500]
  s.equal(jump(), 0)
  real -= 10_000
  s.equal(jump(), -10_000)
  s.match(checkClock(nothing, 0, jump()), [{ level: 'warning', message: /-10000 ms/ }])
  s.strictSame(levels(checkClock(nothing, 0, 300)), ['ok'])
})

t.test('what was made in the future tells that the clock was set back', async s => {
  const world = { ...nothing, snapshots: [{ facts: { created: 100_000 } }] } as unknown as World
  s.strictSame(levels(checkClock(world, 100_000, 0)), ['ok'])
  s.match(checkClock(world, 90_000, 0), [{ level: 'problem', message: /1970-01-01T00:01:40/ }])
})

t.test('a failure of pgd is a problem with its advice, any other error is none of ours', async s => {
  const found = findings('x')
  found.failure(new PgdError('PGD_NO_SPACE', 'it is full'))
  found.failure(new PgdError('PGD_STORE_UNAVAILABLE', 'it is gone'))
  s.match(found.list, [{ level: 'problem', message: 'it is full', advice: /pgd gc/ }, { level: 'problem' }])
  s.notOk(found.list[1]?.advice, 'nobody is sent to the doctor by the doctor')
  s.throws(() => found.failure(new TypeError('a fault')), TypeError)
  s.throws(() => found.failure(new PgdError('PGD_CANCELLED', 'enough')), { code: 'PGD_CANCELLED' })
})

async function contextOf(s: Test, change: (store: Store) => Partial<Store> = () => ({})) {
  const root = await place(s)
  const store = await openDirectoryStore(join(root, 'databases'))
  const locks = openLocks(join(root, 'locks'))
  const context = { store: { ...store, ...change(store) }, locks, now: Date.now } as unknown as Context
  return { context, left: () => readdir(join(root, 'databases')).catch(() => []) }
}
const visible = (names: string[]) => names.filter(name => !name.startsWith('.'))

t.test('a probe makes, copies and destroys a volume, and leaves nothing', async s => {
  const { context, left } = await contextOf(s)
  s.match(await checkByProbe(context), [{ check: 'probe', level: 'ok' }])
  s.strictSame(visible(await left()), [])
  s.strictSame((await context.store.list()).foreign, [])
})

t.test('a probe that fails half-way leaves nothing either', async s => {
  const copyVolume = async (): Promise<never> => {
    throw new PgdError('PGD_REFUSED', 'no copy for you')
  }
  const { context, left } = await contextOf(s, () => ({ copyVolume }))
  s.match(await checkByProbe(context), [{ level: 'problem', message: 'no copy for you' }])
  s.strictSame(visible(await left()), [])
})

t.test('a copy without what was written is a problem', async s => {
  const { context, left } = await contextOf(s, store => ({
    copyVolume: async (from, snapshot, at, facts, frozen) => {
      await writeFile(join(from.path, 'data/probe'), 'other')
      return store.copyVolume(from, snapshot, at, facts, frozen)
    },
  }))
  s.match(await checkByProbe(context), [{ level: 'problem', message: /does not hold what was written/ }])
  s.strictSame(visible(await left()), [])
})

t.test('little space and foreign things are told', async s => {
  const { context } = await contextOf(s, () => ({ space: async () => ({ free: 2 ** 32, total: 2 ** 33 }) }))
  const world = { ...nothing, foreign: ['other'] }
  s.match(await checkStorage(context, world), [
    { level: 'ok', message: /4096 MiB of 8192 MiB/ },
    { level: 'warning', message: /whole copies/ },
    { level: 'warning', message: /other is not of pgd/ },
  ])
  const full = await contextOf(s, () => ({ space: async () => ({ free: 2 ** 32, total: 2 ** 40 }) }))
  s.match(await checkStorage(full.context, nothing), [{ level: 'warning', message: /are free/ }, {}])
})
