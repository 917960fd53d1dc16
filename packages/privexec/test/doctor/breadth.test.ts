import fc from 'fast-check'
import t from 'tap'
import { breadthOf } from '../../src/doctor/breadth.ts'
import { expectedRules } from '../../src/doctor/rights.ts'
import { holds } from '../support/property.ts'
import { appstore, pgd } from './support/context.ts'

t.test('what is root with extra steps is open', async t => {
  t.equal(breadthOf('ALL').kind, 'all')
  const open = [
    '/usr/sbin/zfs mount *',
    '/usr/bin/id',
    '/usr/lib/tools/',
    '/usr/bin/*',
    '/usr/bin/cat /var/log/[a-z]',
    '/usr/bin/cat /var/log/?',
    'sudoedit /etc/hosts',
    '^/usr/bin/(a|b)$ x',
    '/usr/sbin/zfs ^mount .*$',
    '/usr/sbin/zfs ^mount [^/]+$',
    '/usr/sbin/zfs ^mount a|unmount b$',
    'sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/ls',
  ]
  for (const command of open) t.equal(breadthOf(command).kind, 'open', command)
})

t.test('a fixed command, and every rule that we render, is narrow', async t => {
  const narrow = ['/usr/bin/id -un', '/bin/ls ""', '/usr/sbin/zfs ^(mount|unmount) tank/[a-z]{1,9}$', '/bin/x a\\*b']
  const ours = [appstore, pgd].flatMap(expectedRules).map(({ command }) => command)
  for (const command of [...narrow, ...ours]) t.equal(breadthOf(command).kind, 'narrow', command)
})

t.test('a rule that takes away is no protection', async t => {
  t.equal(breadthOf('!/bin/su').kind, 'denied')
})

t.test('arguments with a star are never narrow, wherever it stands', async t => {
  const text = fc.stringMatching(/^[a-z /-]{0,20}$/)
  await holds(
    t,
    fc.property(text, text, (before, after) => breadthOf(`/bin/x ${before}*${after}`).kind === 'open'),
  )
})
