import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { hostMissing } from '../host/run.ts'
import type { Answer } from './inside/account.ts'
import { debianRoot } from './support/debian.ts'

const skip = hostMissing() ?? false
// Half a minute on an idle machine, and more where Debian's root file system is to be built first.
t.setTimeout(850_000)
const repository = join(import.meta.dirname, '../..')

interface Found {
  readonly runs: Readonly<Record<string, Answer>>
  readonly seen: Readonly<Record<string, unknown>>
  readonly canary: string
}

/** What the account of the app store did on a throwaway host, in containers of Debian, and what root saw of it. */
function onHost(): Found {
  const inside = [process.execPath, '--conditions=@broker/source', 'test/appstore/inside/provision.ts', debianRoot()]
  // What tap puts into the environment of children makes every Node below write into the repository.
  const argv = ['-i', `PATH=${process.env.PATH}`, 'HOME=/root', process.execPath, 'test/host/run.ts', '--', ...inside]
  const { status, stdout, stderr } = spawnSync('env', argv, { cwd: repository, encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`the host ended with ${status}: ${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found
}

t.test('apps of the catalog are provisioned in real containers, by an account that is not root', { skip }, async t => {
  const { runs, seen, canary } = onHost()
  const texts = (answer: Answer | undefined): string[] =>
    answer?.events.flatMap(event => (event.kind === 'log' ? [event.text] : [])) ?? []

  t.test('a script installs a package of Debian on a bare guest, and serves HTTP', async t => {
    t.equal(runs.installed?.code, undefined, runs.installed?.message ?? 'no error')
    t.equal(seen.pythonBefore, '', 'Python came with the first run')
    t.equal(seen.package, 'ii')
    t.match(seen.page, /<title>Second<\/title>\s+<p>No greeting\.<\/p>/)
    t.equal(seen.services, 'active\nactive\nenabled\nenabled')
    t.match(seen.clock, /^[0-9.]+ 18 ([0-9]+)\n\1$/, 'the service knows its password, and runs as its account')
  })

  t.test('it tells of its progress, of what programs said, and its outputs', async t => {
    const { events, outputs } = runs.installed ?? { events: [] }
    t.same(
      events.flatMap(event => (event.kind === 'progress' ? [event.step] : [])),
      [1, 2, 3],
    )
    t.ok(texts(runs.installed).some(text => /Setting up nginx-light|nginx-light/.test(text)))
    t.same(outputs?.outputs, [
      { key: 'url', label: 'Page', value: 'http://127.0.0.1:8080/' },
      { key: 'login', label: 'login', secret: true },
    ])
    t.same(outputs?.secrets, { login: `admin / ${canary}` })
    t.match(events.at(-1), { kind: 'done', ok: true })
  })

  t.test('a secret is where its service reads it, and nowhere else', async t => {
    t.ok(texts(runs.installed).includes('installed with ***'))
    for (const [name, { events }] of Object.entries(runs)) {
      t.notMatch(JSON.stringify(events.filter(({ kind }) => kind !== 'output')), canary, name)
    }
    t.equal(seen.canaryInGuest, '/etc/appstore/environment/page-clock')
    t.equal(seen.environmentFile, '600 0')
    t.equal(seen.canaryOnHost, '')
  })

  t.test('changed inputs are applied in place, without another push', async t => {
    t.equal(runs.configured?.code, undefined, runs.configured?.message ?? 'no error')
    t.equal(runs.healthy?.code, undefined, runs.healthy?.message ?? 'no error')
    t.equal(seen.running, '1\n700')
    t.equal(seen.audit, 8, 'bootstrap, push, unpack and run; then twice bootstrap and run')
  })

  t.test('what goes wrong is told by its own error', async t => {
    t.match(runs.unhealthy, { code: 'APPSTORE_HEALTH_FAILED' })
    t.match(runs.greedy, { code: 'APPSTORE_PERMISSION_UNDECLARED', message: /\/etc\/shadow.* is not declared/ })
    t.equal(seen.shadow, '0')
    t.match(runs.empty, { code: 'APPSTORE_PROVISION_FAILED', message: /neither Python nor a package manager/ })
  })

  t.test('a cancel ends everything in the guest', async t => {
    t.match(runs.cancelled, { code: 'APPSTORE_CANCELLED' })
    t.equal(seen.leftOfCancelled, '0')
  })

  t.test('uninstalling gives up a service', async t => {
    t.equal(runs.removed?.code, undefined, runs.removed?.message ?? 'no error')
    t.equal(seen.clockAfter, 'inactive')
  })

  t.test('in a guest without systemd and OpenRC services run below a supervisor', async t => {
    t.equal(runs.installedBare?.code, undefined, runs.installedBare?.message ?? 'no error')
    t.equal(runs.healthyBare?.code, undefined, runs.healthyBare?.message ?? 'no error')
    t.match(seen.pageBare, /<title>First<\/title>/)
    t.match(seen.clockBare, /^[0-9.]+ 18 ([0-9]+)\n\1$/)
    t.equal(seen.clockGoesOn, true, 'one that was killed is started again')
    t.match(seen.stopped, /refused/)
    t.match(seen.startedAgain, [/<title>First<\/title>/, 'page-clock.pid'])
  })
})
