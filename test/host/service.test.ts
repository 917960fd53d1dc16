import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { insideHost, installDropIn, prepareHost, removeDropIn } from './prepare.ts'
import { runAs, runScriptAs, serviceNamespace, startAs } from './service.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/host/*.test.ts'
if (skip === false) prepareHost()

const state = '/var/lib/appstore'

t.test('a command runs as the account, with its groups and a fresh environment', { skip }, async s => {
  process.env.LEAK = 'secret'
  const { stdout } = await runAs('alice', ['sh', '-c', 'id -un; id -Gn; pwd; echo "$HOME|$GIVEN|$LEAK"'], {
    env: { GIVEN: 'a b' },
    cwd: '/home/alice',
  })
  s.equal(stdout, 'alice\nalice pgd\n/home/alice\n/home/alice|a b|\n')
})

t.test('argv, stdin, stdout, stderr, exit status and signal arrive unchanged', { skip }, async s => {
  const words = ['', ' a  b ', 'x\ny', '$(id)', '-n', 'é']
  const echo = await runAs('appstore', ['perl', '-e', 'print join "\\0", @ARGV', '--', ...words])
  s.strictSame(echo.stdout.split('\0'), words)
  const run = await runAs('appstore', ['sh', '-c', 'cat; echo oops >&2; exit 3'], { input: 'in' })
  s.strictSame(run, { exitCode: 3, signal: null, stdout: 'in', stderr: 'oops\n' })
  s.equal((await runAs('appstore', ['sleep', '60'], { timeout: 50 })).signal, 'SIGKILL')
  s.equal((await runAs('appstore', ['/nowhere/program'])).exitCode, 127)
})

t.test('the service sees a read-only file system but for its own directories', { skip }, async s => {
  const may = async (user: string, path: string, readOnly = true): Promise<string> => {
    const { exitCode, stderr } = await runAs(user, ['sh', '-c', ': >"$0"', path], { readOnly })
    return exitCode === 0 ? 'written' : /Read-only/.test(stderr) ? 'read-only' : 'denied'
  }
  for (const path of ['/etc/x', '/usr/x', '/var/x', '/run/x', '/root/x', '/home/alice/x']) {
    s.equal(await may('root', path), 'read-only', path)
  }
  s.equal(await may('appstore', `${state}/x`), 'written')
  s.equal(await may('appstore', '/var/log/privexec/appstore/x'), 'written')
  s.equal(await may('appstore', '/var/lib/privexec/staging/appstore/drop/x'), 'written')
  s.equal(await may('appstore', '/var/lib/privexec/staging/appstore/x'), 'denied')
  s.equal(await may('appstore', '/var/log/privexec/x'), 'denied')
  s.equal(await may('mallory', '/var/lib/privexec/staging/appstore/drop/y', false), 'denied', 'not of the group')
  s.equal(await may('alice', '/home/alice/x', false), 'written')
  s.ok(existsSync(`${state}/x`), 'what it writes there, the host sees')
})

t.test('the temporary directory is private', { skip }, async s => {
  writeFileSync('/tmp/of-the-host', '')
  s.teardown(() => rmSync('/tmp/of-the-host'))
  // A checkout below /tmp is there, and nothing else.
  const [, checkout = ''] = /^\/tmp\/([^/]+)/.exec(import.meta.dirname) ?? []
  const names = async () => {
    const { stdout } = await runAs('appstore', ['ls', '-A', '/tmp'])
    return stdout.split('\n').filter(name => name !== '' && name !== checkout)
  }
  s.strictSame(await names(), [])
  await runAs('appstore', ['touch', '/tmp/of-the-service'])
  s.notOk(existsSync('/tmp/of-the-service'))
  s.strictSame(await names(), ['of-the-service'], 'and lasts')
})

t.test(
  'sudo with nsenter leaves the read-only namespace and writes on the host; sudo alone does not',
  { skip },
  async s => {
    const nsenter = '/usr/bin/nsenter --mount=/proc/1/ns/mnt -- '
    const touch = '/usr/bin/touch /etc/written-by-root'
    installDropIn('service-test', `appstore ALL=(root) NOPASSWD: ${nsenter.replace('=', '\\=')}${touch}, ${touch}\n`)
    s.teardown(() => removeDropIn('service-test'))
    s.teardown(() => rmSync('/etc/written-by-root', { force: true }))

    const inPlace = await runAs('appstore', ['sudo', '-n', ...touch.split(' ')])
    s.match(inPlace, { exitCode: 1, stderr: /Read-only file system/ })
    const escaped = await runAs('appstore', ['sudo', '-n', ...(nsenter + touch).split(' ')])
    s.equal(escaped.exitCode, 0, escaped.stderr)
    s.equal(statSync('/etc/written-by-root').uid, 0)
    const other = await runAs('mallory', ['sudo', '-n', ...(nsenter + touch).split(' ')])
    s.match(other, { exitCode: 1, stderr: /a password is required/ })
    s.equal(
      (await runAs('appstore', ['nsenter', '--mount=/proc/1/ns/mnt', '--', 'true'])).exitCode,
      1,
      'not without sudo',
    )
  },
)

t.test('a mount of the host appears in the service, as below systemd', { skip }, async s => {
  await serviceNamespace('appstore')
  const { exitCode } = await runAs('root', ['mount', '-t', 'tmpfs', 'seen', '/srv'], { readOnly: false })
  s.equal(exitCode, 0)
  s.teardown(() => runAs('root', ['umount', '/srv'], { readOnly: false }))
  s.match((await runAs('appstore', ['cat', '/proc/self/mounts'])).stdout, /^seen \/srv /m)
})

t.test('a script of the repository runs as an account', { skip }, async s => {
  const run = await runScriptAs('mallory', `${import.meta.dirname}/run.ts`, ['--', 'true'])
  s.strictSame(run, { exitCode: 77, signal: null, stdout: '', stderr: 'the throwaway host needs root\n' })
})

t.test('a started command is the child itself, with the streams that were asked for', { skip }, async s => {
  const child = await startAs('appstore', ['sleep', '60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  s.equal(child.stdin, null)
  const comm = () => readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim()
  while (comm() !== 'sleep') await new Promise(resolve => setTimeout(resolve, 5))
  child.kill('SIGTERM')
  const [, signal] = await once(child, 'close')
  s.equal(signal, 'SIGTERM')
})
