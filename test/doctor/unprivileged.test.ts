import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Finding } from '../../packages/privexec/src/doctor/diagnose.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs, runScriptAs, startAs } from '../host/service.ts'
import { errorsIn, install, look } from './support/install.ts'

const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap --jobs=1 test/doctor/*.test.ts'
if (skip === false) {
  prepareHost({ zfs: true })
  install()
}

const script = join(import.meta.dirname, 'support/look.ts')
const textOf = (list: readonly Finding[], level: string): string =>
  list
    .filter(each => each.level === level)
    .map(({ check, message }) => `${check}: ${message}`)
    .join('\n')

t.test('the service itself sees no error, and what only root may read is a note', { skip }, async s => {
  const { stdout, stderr, exitCode } = await runScriptAs('appstore', script, ['appstore'])
  s.equal(exitCode, 0, stderr)
  const list = JSON.parse(stdout) as Finding[]
  s.strictSame(errorsIn(list), [])
  s.match(textOf(list, 'note'), /drop-in: \/etc\/sudoers\.d\/privexec_appstore cannot be read \(EACCES\)/)
  s.match(textOf(list, 'ok'), /rights: sudo grants appstore what the policy says/, 'it may list its own rights')
  s.match(textOf(list, 'ok'), /process: sudo -n -l works from this process/)
})

t.test('an account that is not the principal sees no error, and throws nothing', { skip }, async s => {
  for (const user of ['mallory', 'alice']) {
    const { stdout, exitCode } = await runScriptAs(user, script, ['appstore'])
    s.equal(exitCode, 0)
    const list = JSON.parse(stdout) as Finding[]
    s.strictSame(errorsIn(list), [], user)
    s.match(textOf(list, 'note'), /rights: What sudo grants appstore can be listed by root only/)
  }
})

t.test('a process that may not gain privileges is told so', { skip }, async s => {
  const { stdout } = await runAs('appstore', ['setpriv', '--no-new-privs', process.execPath, script, 'appstore'])
  const list = JSON.parse(stdout) as Finding[]
  s.match(textOf(list, 'error'), /process: This process has NoNewPrivs/)
  s.match(textOf(list, 'error'), /process: sudo -n -l fails from this process: .*no new privileges/)
})

t.test('root sees that a running process of the service is kept from sudo', { skip }, async s => {
  const child = await startAs('appstore', ['setpriv', '--no-new-privs', 'sleep', '60'], { stdio: 'ignore' })
  s.teardown(() => child.kill('SIGKILL'))
  const deadline = Date.now() + 5000
  const waits = async (): Promise<string> => {
    const errors = textOf(await look('appstore'), 'error')
    return /has NoNewPrivs/.test(errors) || Date.now() > deadline ? errors : waits()
  }
  s.match(await waits(), new RegExp(`process: Process ${child.pid} of the principal has NoNewPrivs`))
})

t.test('a unit in which sudo cannot write its log is an error', { skip }, async s => {
  s.ok(existsSync('/var/log/privexec'))
  const inside =
    'mount --bind /var/log/privexec /var/log/privexec; mount -o remount,bind,ro /var/log/privexec; exec "$@"'
  const child = spawn(
    'unshare',
    [
      '--mount',
      'sh',
      '-euc',
      inside,
      'sh',
      ...['setpriv', '--reuid=appstore', '--regid=appstore', '--init-groups'],
      'sleep',
      '60',
    ],
    { stdio: 'ignore' },
  )
  s.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const deadline = Date.now() + 5000
  const waits = async (): Promise<string> => {
    const errors = textOf(await look('appstore'), 'error')
    return /read-only/.test(errors) || Date.now() > deadline ? errors : waits()
  }
  s.match(await waits(), new RegExp(`process: Process ${child.pid} of the principal sees /var/log/privexec read-only`))
})
