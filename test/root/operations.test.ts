import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { stagingDirectory } from '../../packages/privexec/src/argument/staged-content.ts'
import { prepareHost } from '../host/prepare.ts'
import type { Call } from './support/call.ts'
import { callAs } from './support/client.ts'
import { appstorePolicy, type Daemon, installScript, startDaemon, testPolicy } from './support/daemon.ts'

prepareHost({ containers: true })
const test: Daemon = await startDaemon(testPolicy())
const store: Daemon = await startDaemon(appstorePolicy())
t.teardown(() => Promise.all([test.stop(), store.stop()]))

const run = (more: Partial<Call> = {}): Call => ({ command: 'test.script', input: { name: 'tank/a' }, ...more })
const exec = (command: readonly string[], vmid = 20001): Call => ({ command: 'pct.exec', input: { vmid, command } })
const records = (daemon: Daemon) =>
  readFileSync(daemon.policy.audit.file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

t.test('a program of root gives its output, its messages and its exit status', async t => {
  installScript('echo out; echo err >&2; id -u; exit 3')
  const [answer] = await callAs('appstore', 'rootside', [run()])
  t.match(answer, { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 3, stdout: 'out\n0\n', stderr: 'err\n', ended: true })
})

t.test('standard input arrives, also more than the window holds', async t => {
  installScript('sha256sum')
  const text = 'x'.repeat(3_000_000)
  const [answer, nothing] = await callAs('appstore', 'rootside', [run({ stdin: text }), run()])
  t.match(answer?.stdout, createHash('sha256').update(text).digest('hex'))
  t.match(nothing?.stdout, createHash('sha256').digest('hex'), 'without it, standard input is empty')
})

t.test('a program that does not read its input does not hold anything up', async t => {
  installScript('exec </dev/null; echo done')
  const [answer] = await callAs('appstore', 'rootside', [run({ stdin: 'x'.repeat(2_000_000) })])
  t.match(answer, { exitCode: 0, stdout: 'done\n' })
})

t.test('much output goes through, and is counted in the record', async t => {
  installScript('head -c 50000000 /dev/zero; head -c 3000000 /dev/zero >&2')
  const [answer] = await callAs('appstore', 'rootside', [run({ stream: true })])
  t.match(answer, { exitCode: 0, streamed: 53_000_000 })
  t.match(records(test).at(-1), { labels: { stdout_bytes: 50_000_000, stderr_bytes: 3_000_000 } })
})

t.test('each operation has an intent and an outcome under the id that the caller got, with who asked', async t => {
  const [answer] = await callAs('appstore', 'rootside', [{ command: 'test.nothing', input: { name: 'tank/b' } }])
  const mine = records(test).filter(({ event }) => event.id === answer?.operation)
  t.match(
    mine.map(({ event }) => event.type),
    [['allowed', 'start'], ['end']],
  )
  t.match(mine[0], { user: { name: 'appstore' }, labels: { transport: 'daemon', dataset: 'tank/b' } })
  t.not(mine[0].process.parent.pid, test.child.pid, 'the process that asks is not the broker')
})

t.test('a program that is not installed is named', async t => {
  const [answer] = await callAs('appstore', 'rootside', [{ command: 'test.absent', input: { name: 'tank/a' } }])
  t.match(answer, { code: 'PRIVEXEC_PROGRAM_MISSING', message: /\/usr\/local\/sbin\/absent is not installed$/ })
})

t.test('programs start in /, with a plain environment and no descriptors but their own', async t => {
  installScript('pwd; env | sort; umask; tty; grep -E "^Sig(Ign|Blk)" /proc/self/status; cd /proc/$$/fd && echo *')
  const [answer] = await callAs('appstore', 'rootside', [run()], { env: { LD_PRELOAD: '/x', NODE_OPTIONS: '' } })
  const { operation = '' } = answer ?? {}
  t.equal(
    answer?.stdout,
    [
      '/',
      'LC_ALL=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `PRIVEXEC_OPERATION=rootside-${operation}`,
      'PWD=/',
      '0022',
      'not a tty',
      'SigBlk:\t0000000000000000',
      'SigIgn:\t0000000000000000',
      // The script itself is 10, the directory that is read 3.
      '0 1 10 2 3',
      '',
    ].join('\n'),
  )
})

t.test('content is pushed from a file of root that is gone afterwards', async t => {
  const content = 'a'.repeat(1_000_000)
  const [push, read] = await callAs('appstore', 'appstore', [
    { command: 'pct.push', input: { vmid: 20001, destination: '/root/big', perms: '0600' }, content },
    exec(['sh', '-c', 'wc -c </root/big; stat -c %a /root/big']),
  ])
  t.match(push, { exitCode: 0 })
  t.equal(read?.stdout, '1000000\n600\n')
  t.same(readdirSync(stagingDirectory('appstore')), [])
})

t.test('more content than the policy allows is refused, and nothing of it is kept', async t => {
  await store.stop()
  const small = await startDaemon(appstorePolicy({ limits: { content: 1000 } }))
  const [answer] = await callAs('appstore', 'appstore', [
    { command: 'pct.push', input: { vmid: 20001, destination: '/root/big' }, content: 'x'.repeat(500_000) },
  ])
  t.match(answer, { code: 'PRIVEXEC_ARGUMENT_INVALID', field: 'content' })
  t.same(readdirSync(stagingDirectory('appstore')), [])
  await small.stop()
  Object.assign(store, await startDaemon(appstorePolicy()))
})

t.test('a container that is not ours, is missing or is privileged is refused in one way', async t => {
  const conf = (id: number, text: string) => writeFileSync(`/etc/pve/lxc/${id}.conf`, text)
  conf(20002, 'tags: appstore;managed\nunprivileged: 1\n')
  conf(20003, 'tags: appstore\nunprivileged: 1\n')
  conf(20004, 'tags: appstore;managed\n')
  writeFileSync('/etc/pve/user.cfg', 'pool:appstore:Apps:20001,20003,20004::\n')
  const ids = [20002, 20003, 20004, 20005]
  const answers = await callAs(
    'appstore',
    'appstore',
    ids.map(id => exec(['id'], id)),
  )
  const shown = answers.map(({ operation: _id, duration: _time, argv: _argv, ...rest }) => rest)
  t.match(shown[0], { code: 'PRIVEXEC_GUARD_REFUSED', isRefused: true })
  for (const each of shown) t.same(each, shown[0])
  const reasons = records(store)
    .filter(({ event }) => event.code === 'PRIVEXEC_GUARD_REFUSED')
    .map(({ labels }) => labels.guard)
  t.equal(new Set(reasons).size, 4, 'root knows why, four different reasons')
})

t.test('operations on one object go one after another, those on others beside them', async t => {
  installScript('echo begin >>/run/order; sleep 0.2; echo end >>/run/order')
  writeFileSync('/run/order', '')
  await callAs('appstore', 'rootside', [run(), run(), run()], { together: true })
  t.equal(readFileSync('/run/order', 'utf8'), 'begin\nend\n'.repeat(3))
  writeFileSync('/run/order', '')
  const other = run({ input: { name: 'tank/other' } })
  await callAs('appstore', 'rootside', [run(), other], { together: true })
  t.equal(readFileSync('/run/order', 'utf8'), 'begin\nbegin\nend\nend\n')
})

t.test('a terminal has the size that was asked for, and is not the caller’s', async t => {
  installScript('stty size; tty; echo to-stderr >&2')
  const [answer] = await callAs('appstore', 'rootside', [run({ terminal: { columns: 93, rows: 31 } })])
  t.match(answer, { exitCode: 0, stdout: /^31 93\r\n\/dev\/pts\/\d+\r\nto-stderr\r\n$/, stderr: '' })
})
