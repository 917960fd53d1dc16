import { renameSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { prepareHost, removeDropIn } from '../host/prepare.ts'
import { call, exec, installed, installPolicy, policyFile, push, testPolicy } from './installed.ts'

prepareHost({ containers: true, zfs: true })
await installed()

t.test('a refusal of sudo is told from a program that exits with 1', async t => {
  removeDropIn('privexec_appstore')
  const [refused] = await call('appstore', [exec(['true'])])
  t.match(refused, { code: 'PRIVEXEC_SUDO_REFUSED', isRefused: true })
  const [streamed] = await call('appstore', [exec(['true'], { stream: true })])
  t.match(streamed, { code: 'PRIVEXEC_SUDO_REFUSED' }, 'also when a callback takes what sudo says')
  await installPolicy(policyFile('appstore'))
  const [allowed] = await call('appstore', [exec(['true'])])
  t.match(allowed, { exitCode: 0 })
})

t.test('a missing program is named, with nsenter before it and without', async t => {
  renameSync('/usr/sbin/pct', '/usr/sbin/pct.away')
  t.teardown(() => renameSync('/usr/sbin/pct.away', '/usr/sbin/pct'))
  const [pct, absent] = await call('appstore', [
    exec(['true']),
    { policy: testPolicy, command: 'test.absent', input: { name: 'tank/x' } },
  ])
  t.match(pct, { code: 'PRIVEXEC_PROGRAM_MISSING', message: /\/usr\/sbin\/pct/ })
  t.match(absent, { code: 'PRIVEXEC_PROGRAM_MISSING', message: /\/usr\/local\/sbin\/absent/ })
})

t.test('without sudo, and where sudo can gain no privileges, the error says so', async t => {
  const [privileges] = await call('appstore', [exec(['true'])], ['setpriv', '--no-new-privs'])
  t.match(privileges, { code: 'PRIVEXEC_SUDO_MISSING', message: /no new privileges/ })
  renameSync('/usr/bin/sudo', '/usr/bin/sudo.away')
  t.teardown(() => renameSync('/usr/bin/sudo.away', '/usr/bin/sudo'))
  const [missing] = await call('appstore', [exec(['true'])])
  t.match(missing, { code: 'PRIVEXEC_SUDO_MISSING', message: /\/usr\/bin\/sudo is not installed/ })
})

t.test('a broken neighbour in sudoers.d makes no failure of a push', async t => {
  writeFileSync('/etc/sudoers.d/broken', 'this is no rule\n', { mode: 0o440 })
  t.teardown(() => rmSync('/etc/sudoers.d/broken'))
  const [pushed, failed] = await call('appstore', [push('/root/neighbour', 'x'), push('/nosuch/x', 'x')])
  t.match(pushed, { exitCode: 0, stderr: /syntax error/ })
  t.match(failed, { failure: 'cannotCreate' })
})

t.test('a staging directory that others may write is refused before anything is written', async t => {
  const { chmodSync } = await import('node:fs')
  chmodSync('/var/lib/privexec/staging', 0o777)
  t.teardown(() => chmodSync('/var/lib/privexec/staging', 0o755))
  const [unsafe] = await call('appstore', [push('/root/x', 'x')])
  t.match(unsafe, { code: 'PRIVEXEC_STAGING_UNSAFE' })
})
