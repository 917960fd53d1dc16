import { readdirSync, statSync } from 'node:fs'
import t from 'tap'
import { insideHost, installDropIn, prepareHost, removeDropIn, starRules } from './prepare.ts'
import { runAs } from './service.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/host/*.test.ts'
if (skip === false) prepareHost()

const outside = insideHost() ? 'this is a throwaway host' : false

t.test('prepareHost refuses to change a machine that is not a throwaway host', { skip: outside }, async s => {
  s.throws(() => prepareHost(), /throwaway host only/)
})

t.test('a drop-in is 0440, of root, in force until it is removed', { skip }, async s => {
  const ask = () => runAs('mallory', ['sudo', '-n', '/usr/bin/id', '-un'])
  s.equal((await ask()).exitCode, 1)
  const { path } = installDropIn('dropin-test', 'mallory ALL=(root) NOPASSWD: /usr/bin/id -un\n')
  const { mode, uid, gid } = statSync(path)
  s.strictSame([mode & 0o7777, uid, gid], [0o440, 0, 0])
  s.match(await ask(), { exitCode: 0, stdout: 'root\n' })
  removeDropIn('dropin-test')
  s.equal((await ask()).exitCode, 1)
  removeDropIn('dropin-test')
})

t.test('a drop-in that visudo refuses, or a name that sudo would skip, is not installed', { skip }, async s => {
  const before = readdirSync('/etc/sudoers.d')
  s.throws(() => installDropIn('bad', 'appstore ALL=(root NOPASSWD: /bin/true\n'), /visudo refuses bad/)
  s.throws(() => installDropIn('with.dot', ''), /not a name/)
  s.throws(() => installDropIn('../sudoers', ''), /not a name/)
  s.strictSame(readdirSync('/etc/sudoers.d'), before)
})

t.test('the star rules of the baseline admit what they should not', { skip }, async s => {
  installDropIn('dropin-star', starRules)
  s.teardown(() => removeDropIn('dropin-star'))
  const pct = ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/pct']
  const may = async (user: string, argv: string[]) => (await runAs(user, ['sudo', '-n', '-l', ...argv])).exitCode === 0
  s.ok(await may('appstore', [...pct, 'exec', '104', '--keep-env', '1', '--', '/bin/sh']))
  s.ok(await may('appstore', [...pct, 'push', '104', '/etc/shadow', '/tmp/s']))
  s.ok(await may('alice', ['/usr/sbin/zfs', 'mount', '-a']))
  s.notOk(await may('appstore', [...pct, 'destroy', '104']))
  s.notOk(await may('mallory', ['/usr/sbin/zfs', 'mount', '-a']))
})
