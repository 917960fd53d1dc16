import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { startAs } from '../host/service.ts'
import { accountEnv, asAccount, asRoot, main, policyFile } from './support/privexec.ts'

if (!insideHost()) t.bailout('needs the throwaway host: node test/host/run.ts -- tap test/cli/*.test.ts')
prepareHost({ containers: true, zfs: true })

const files = ['appstore', 'pgd'].map(policyFile)
t.equal(asRoot('policy', 'install', ...files).exitCode, 0, 'both policies are installed')
t.teardown(() => {
  asRoot('policy', 'uninstall', ...files)
  prepareHost()
})

const exec = (command: readonly string[], vmid = 20001) => [
  ...['run', 'pct.exec', JSON.stringify({ vmid, command }), '--policy', 'appstore'],
]
const shell = (script: string) => exec(['sh', '-c', script])
const store = (args: readonly string[], input?: string) => asAccount('appstore', args, input)
const processes = (): string => execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })

t.test('output, input and exit status are those of the program', async t => {
  t.match(await store(exec(['id', '-u'])), { exitCode: 0, stdout: '0\n', stderr: '' })
  t.match(await store(shell('echo out; echo err >&2; exit 7')), { exitCode: 7, stdout: 'out\n', stderr: 'err\n' })
  t.match(await store([...exec(['cat']), '--stdin'], 'from outside'), { exitCode: 0, stdout: 'from outside' })
  t.match(await store(exec(['cat']), 'not passed on'), { exitCode: 0, stdout: '' })
})

t.test('a program that ends is not waited for because nobody closes standard input', async t => {
  const child = await startAs('appstore', [process.execPath, main, ...exec(['true']), '--stdin'], { env: accountEnv })
  t.same(await once(child, 'exit'), [0, null])
})

t.test('content comes from standard input, or from a file that the caller may read', async t => {
  const push = (destination: string) => [
    ...['run', 'pct.push', JSON.stringify({ vmid: 20001, destination }), '--policy', 'appstore'],
  ]
  t.match(await store(push('/root/f'), 'first\n'), { exitCode: 0, stderr: '' })
  t.match(await store(exec(['cat', '/root/f'])), { stdout: 'first\n' })
  t.match(await store([...push('/root/f'), '--content', '/etc/hostname']), { exitCode: 0 })
  t.match(await store(exec(['cat', '/root/f'])), { stdout: 'pve\n' })
  t.match(await store([...push('/root/f'), '--content', '/etc/shadow']), { exitCode: 66, stderr: /EACCES/ })
  const failed = await store(push('/no/such/folder'), 'x')
  t.match(failed, { exitCode: 1, stderr: /exited with 0 but said that it failed/ })
})

t.test('errors of our own have the status of the registry, and in JSON their code', async t => {
  t.match(await store(exec(['id'], 104)), { exitCode: 77, stderr: /PRIVEXEC_OUT_OF_BOUNDS/ })
  t.match(await store([...exec(['sleep', '60']), '--timeout', '300ms']), { exitCode: 124 })
  const { exitCode, stderr } = await store([...shell('echo no >&2; exit 3'), '--json'])
  t.equal(exitCode, 3)
  t.match(JSON.parse(stderr), { error: { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 3, stderr: 'no\n' } })
  const result = JSON.parse((await store([...exec(['echo', 'hi']), '--json'])).stdout)
  t.match(result, { command: 'pct.exec', exitCode: 0, stdout: 'hi\n', operation: /^[0-9a-f]{32}$/ })
})

/** Starts a program that ignores signals and leaves its parent, and waits until it runs. */
async function stubborn(seconds: number) {
  const script = `trap "" TERM INT HUP; setsid sleep ${seconds} & echo started; sleep ${seconds}`
  const child = await startAs('appstore', [process.execPath, main, ...shell(script)], { env: accountEnv })
  const exited = once(child, 'exit')
  if (child.stdout === null) throw new Error('no standard output')
  await once(child.stdout, 'data')
  return { child, exited, left: () => processes().includes(`sleep ${seconds}`) }
}

t.test('a signal to privexec ends what root started, and then privexec', async t => {
  for (const [signal, seconds] of [
    ['SIGTERM', 87_001],
    ['SIGINT', 87_002],
  ] as const) {
    const { child, exited, left } = await stubborn(seconds)
    t.ok(left(), 'it runs')
    child.kill(signal)
    t.same(await exited, [125, null])
    t.notOk(left(), 'nothing of it is left')
  }
})

t.test('a reader that goes away ends what root started', async t => {
  const child = await startAs('appstore', [process.execPath, main, ...shell('echo started; sleep 1; yes 87003')])
  const exited = once(child, 'exit')
  child.stdout?.once('data', () => child.stdout?.destroy())
  t.same(await exited, [74, null])
  t.notOk(processes().includes('yes 87003'))
})

t.test('a member of the group mounts and unmounts; others may not', async t => {
  const zfs = (what: string) => ['run', `zfs.${what}`, '{"dataset":"tank/pgd/databases/shop/main"}', '--policy', 'pgd']
  t.match(await asAccount('alice', zfs('mount')), { exitCode: 0 })
  t.match(execFileSync('zfs', ['mount'], { encoding: 'utf8' }), 'tank/pgd/databases/shop/main')
  t.match(await asAccount('alice', zfs('mount')), { exitCode: 1, stderr: /already mounted/ })
  t.match(await asAccount('alice', zfs('unmount')), { exitCode: 0 })
  t.match(await asAccount('mallory', [...zfs('mount'), '--audit-file', '/home/mallory/a']), { exitCode: 77 })
})

t.test('explain asks the real sudo, as root and as the principal', async t => {
  const ask = ['explain', 'pct.exec', '{"vmid":20001,"command":["id"]}', '--policy', 'appstore']
  t.match(asRoot(...ask), { exitCode: 0, stdout: /sudo +allows it to appstore/ })
  t.match(await store(ask), { exitCode: 0, stdout: /sudo +allows it to appstore/ })
  t.match(await asAccount('mallory', ask), { exitCode: 0, stdout: /sudo +was not asked/ })
  const elsewhere = ask.with(-1, policyFile('appstore'))
  execFileSync('mv', ['/etc/sudoers.d/privexec_appstore', '/root/kept'])
  t.teardown(() => execFileSync('mv', ['/root/kept', '/etc/sudoers.d/privexec_appstore']))
  t.match(asRoot(...elsewhere), { exitCode: 77, stdout: /^allowed .*sudo +refuses it to appstore/s })
})

t.test('the records agree with what sudo logged, until root acts beside them', async t => {
  const reconcile = ['audit', 'reconcile', '--policy', 'appstore']
  t.match(asRoot(...reconcile), { exitCode: 0, stdout: /^ok: \d+ actions of root/ })
  t.match(await store(['audit', 'verify', '--policy', 'appstore']), { exitCode: 0, stdout: /^ok/ })
  const argv = ['/usr/sbin/pct', 'exec', '20001', '--keep-env', '0', '--', '/usr/bin/env']
  const marked = `PRIVEXEC_OPERATION=appstore-${'0'.repeat(32)}`
  const direct = ['sudo', '-n', '--', '/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', ...argv, marked, 'true']
  const child = await startAs('appstore', direct)
  t.same(await once(child, 'exit'), [0, null])
  t.match(asRoot(...reconcile), { exitCode: 1, stdout: /not on record.*PRIVEXEC_OPERATION=appstore-0{32} true/ })
})

t.test('root runs without sudo, into a record of its own', async t => {
  t.match(asRoot(...exec(['hostname'])), { exitCode: 0, stdout: 'ct20001\n' })
  const own = '/var/log/privexec/root-appstore.jsonl'
  t.match(asRoot('audit', 'show', own, '--last', '1', '--json'), { stdout: /"transport":"direct"/ })
})
