import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { eventually } from '../attacks/support/processes.ts'
import { prepareHost } from '../host/prepare.ts'
import { startAs } from '../host/service.ts'
import { installStubborn, left, stubbornInContainer } from '../support/stubborn.ts'
import type { Call } from './support/call.ts'
import { callAs } from './support/client.ts'
import { appstorePolicy, type Daemon, installScript, startDaemon, testPolicy } from './support/daemon.ts'
import { scriptOf } from './support/scripts.ts'

const entry = join(import.meta.dirname, 'support/privexecd.ts')
prepareHost({ containers: true })
installStubborn()
let test: Daemon = await startDaemon(testPolicy())
let store: Daemon = await startDaemon(appstorePolicy())
t.teardown(() => Promise.all([test.stop(), store.stop()]))

const stubborn = (more: Partial<Call> = {}): Call => ({ command: 'test.stubborn', input: { name: 'tank/x' }, ...more })
const inContainer = (more: Partial<Call> = {}): Call => ({
  command: 'pct.exec',
  input: { vmid: 20001, command: stubbornInContainer },
  ...more,
})
const lastRecord = ({ policy }: Daemon) =>
  JSON.parse(readFileSync(policy.audit.file, 'utf8').trim().split('\n').at(-1) ?? '')

t.test('the time limit of the policy, and that of the caller, end everything', async t => {
  const [policy, caller] = await callAs('appstore', 'rootside', [stubborn(), stubborn({ timeout: 300 })])
  t.match(policy, { code: 'PRIVEXEC_TIMED_OUT', ended: true, stdout: 'started\n' })
  t.match(caller, { code: 'PRIVEXEC_TIMED_OUT', ended: true })
  t.match(lastRecord(test), { event: { code: 'PRIVEXEC_TIMED_OUT', type: ['end'] }, labels: { ended: true } })
  t.same(left(), [])
})

t.test('a cancel ends everything, on the host and in the container', async t => {
  const [host] = await callAs('appstore', 'rootside', [stubborn({ cancelAfter: 300 })])
  t.match(host, { code: 'PRIVEXEC_CANCELLED', ended: true })
  const [container] = await callAs('appstore', 'appstore', [inContainer({ cancelAfter: 500 })])
  t.match(container, { code: 'PRIVEXEC_CANCELLED', ended: true })
  t.match(lastRecord(store), { event: { code: 'PRIVEXEC_CANCELLED' } })
  t.same(left(), [])
})

t.test('when the caller is killed, root ends what it asked for and records it', async t => {
  for (const [daemon, call] of [
    [test, stubborn()],
    [store, inContainer()],
  ] as const) {
    const client = await startAs('appstore', scriptOf(daemon.policy.name), { env: {}, cwd: '/' })
    client.stdin?.end(JSON.stringify([call]))
    t.ok(await eventually(() => left().length >= 4), 'it runs')
    client.kill('SIGKILL')
    t.ok(await eventually(() => left().length === 0), 'nothing is left')
    t.ok(await eventually(() => lastRecord(daemon).event.code === 'PRIVEXEC_CALLER_GONE'))
  }
})

t.test('what a program leaves on the host when it ends is ended too', async t => {
  installScript('setsid sleep 4020 >/dev/null 2>&1 </dev/null & echo done')
  const [answer] = await callAs('appstore', 'rootside', [{ command: 'test.script', input: { name: 'tank/x' } }])
  t.match(answer, { exitCode: 0, stdout: 'done\n' })
  t.ok(await eventually(() => left().length === 0))
})

t.test('what a program leaves in a container stays: it may be a service', async t => {
  const service = ['sh', '-c', 'setsid sleep 4021 >/dev/null 2>&1 </dev/null & echo done']
  const [answer] = await callAs('appstore', 'appstore', [
    { command: 'pct.exec', input: { vmid: 20001, command: service } },
  ])
  t.match(answer, { exitCode: 0, stdout: 'done\n' })
  await delay(300)
  t.match(left(), [/sleep 4021$/])
  execFileSync('pkill', ['-KILL', '-f', '^sleep 4021$'])
  t.ok(await eventually(() => left().length === 0))
})

t.test('a signal to the broker ends its operations, and the callers learn it', async t => {
  const answer = callAs('appstore', 'rootside', [stubborn()])
  t.ok(await eventually(() => left().length >= 4))
  t.equal(await test.stop(), 0)
  t.match(await answer, [{ code: 'PRIVEXEC_PROGRAM_KILLED', isKilled: true, ended: true }])
  t.same(left(), [])
  test = await startDaemon(testPolicy())
})

t.test('when the broker is killed, everything it had started is ended, and the next one records it', async t => {
  const answers = [callAs('appstore', 'rootside', [stubborn()]), callAs('appstore', 'appstore', [inContainer()])]
  const lasts = ['sleep 4005', 'sleep 4015']
  t.ok(await eventually(() => lasts.every(last => left().some(line => line.endsWith(last)))))
  test.child.kill('SIGKILL')
  store.child.kill('SIGKILL')
  t.ok(await eventually(() => left().length === 0), 'nothing is left, before any new broker')
  for (const answer of await Promise.all(answers)) t.match(answer, [{ code: 'PRIVEXEC_STATUS_LOST', ended: false }])
  test = await startDaemon(testPolicy())
  store = await startDaemon(appstorePolicy())
  const record = JSON.parse(
    readFileSync(test.policy.audit.file, 'utf8')
      .split('\n')
      .findLast(line => line.includes('"recovered":true')) ?? '{}',
  )
  t.match(record, { event: { outcome: 'unknown', code: 'PRIVEXEC_STATUS_LOST', type: ['end'] } })
  t.match(test.said(), /"recovered":1/)
})

t.test(
  'when the warden is killed, what it had started is ended, nobody claims a success, and the broker ends',
  async t => {
    for (const [daemon, call] of [
      [test, stubborn()],
      [store, inContainer()],
    ] as const) {
      const { pid } = daemon.child
      const answer = callAs('appstore', daemon.policy.name, [call])
      t.ok(await eventually(() => left().length >= 4), 'it runs')
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
      const isWarden = (child: number) =>
        readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('libexec/privexec/warden')
      process.kill(children.find(isWarden) ?? 0, 'SIGKILL')
      const ended = once(daemon.child, 'exit')
      t.match(await answer, [{ exitCode: undefined, ended: true }])
      t.ok(await eventually(() => left().length === 0), 'nothing is left')
      t.not(lastRecord(daemon).event.outcome, 'success')
      await ended
      t.match(daemon.said(), 'the warden has ended')
    }
    test = await startDaemon(testPolicy())
    store = await startDaemon(appstorePolicy())
  },
)

t.test('the service manager may make the socket; without work the broker ends after its idle time', async t => {
  await test.stop()
  const activate = ['/usr/bin/systemd-socket-activate', '--listen', socketPath('rootside')]
  const argv = [...activate, process.execPath, '--conditions=@broker/source', entry, '--policy', 'rootside']
  const child = spawn('env', ['-i', ...argv, '--idle', '1'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  t.ok(await eventually(() => existsSync(socketPath('rootside'))))
  const [answer] = await callAs('root', 'rootside', [{ command: 'test.nothing', input: { name: 'tank/x' } }])
  t.match(answer, { exitCode: 0 })
  t.same(await exited, [0, null])
  const [gone] = await callAs('root', 'rootside', [{ command: 'test.nothing', input: { name: 'tank/x' } }])
  t.match(gone, { code: 'PRIVEXEC_DAEMON_UNAVAILABLE', isUnavailable: true })
  test = await startDaemon(testPolicy())
})
