import t from 'tap'
import { auditCheck } from '../../src/doctor/audit.ts'
import { checksOf, diagnose } from '../../src/doctor/diagnose.ts'
import { dropInCheck } from '../../src/doctor/drop-in.ts'
import { kernelCheck } from '../../src/doctor/kernel.ts'
import { processCheck } from '../../src/doctor/process.ts'
import { programsCheck } from '../../src/doctor/programs.ts'
import { expectedRules, rightsCheck } from '../../src/doctor/rights.ts'
import { stagingCheck } from '../../src/doctor/staging.ts'
import { sudoCheck } from '../../src/doctor/sudo.ts'
import { appstore, contextOf, messages } from './support/context.ts'
import { byDaemon, contextFor, portable } from './support/installation.ts'
import { pretend } from './support/machine.ts'

// What the checks that every transport has say where root has a broker of its own.

t.test('each transport has the checks of what it has a part in', async t => {
  const names = (policy: typeof byDaemon) => checksOf(policy).map(([name]) => name)
  t.notMatch(names(byDaemon).join(), /sudo|drop-in|neighbours/)
  t.notMatch(names(appstore).join(), /broker|units|socket/)
  t.match(names(portable).join(), /sudo.*drop-in.*broker/)
  for (const policy of [byDaemon, portable]) {
    const list = await diagnose({ policy, machine: pretend({}) })
    t.ok(list.some(({ check, level }) => check === 'broker' && level === 'error'))
  }
})

t.test('any sudo will do for the portable drop-in, and none is needed for a socket', async t => {
  const of = async (version: string, policy = portable) =>
    sudoCheck(contextOf({ run: ([file]) => (file === '/usr/bin/sudo' ? version : undefined) }, { policy }))
  t.match(await of('sudo-rs 0.2.14\n'), [{ level: 'ok', message: /sudo-rs 0\.2\.14, and the portable drop-in/ }])
  t.match(messages(await of('Sudo version 1.9.5p2\n'), 'ok'), [/no patterns/])
  const [wrong] = (await of('sudo-rs 0.2.14\n', appstore)).map(({ advice }) => advice)
  t.match(wrong, /transport: daemon or transport: portable/)
})

t.test('the portable drop-in is compared with what is rendered', async t => {
  const file = '/etc/sudoers.d/privexec_pgd'
  const main = { '/etc/sudoers': '@includedir /etc/sudoers.d\n' }
  t.same(messages(await dropInCheck(await contextFor(portable, main)), 'error'), [])
  const edited = { ...main, [file]: { text: '%pgd ALL=(ALL) NOPASSWD: ALL\n', mode: 0o440 } }
  t.match(messages(await dropInCheck(await contextFor(portable, edited)), 'error'), [/names no policy-hash/])
})

t.test('a policy with a socket expects no rule of sudo, and finds one that goes past it', async t => {
  t.same(expectedRules(byDaemon), [])
  t.match(expectedRules(portable), [{ command: '/usr/libexec/privexec/call-pgd ""' }])
  const listing = [
    'User appstore may run the following commands on host:',
    '',
    'Sudoers entry:',
    '    RunAsUsers: root',
    '    Options: !authenticate',
    '    Commands:',
    '\t/usr/sbin/pct exec *',
    '',
  ].join('\n')
  const of = (run: () => string | undefined) => rightsCheck(contextOf({ run }, { policy: byDaemon }))
  t.match(messages(await of(() => listing), 'error'), [/beyond the policy.*pct exec \*/])
  t.match(messages(await of(() => undefined), 'note'), [/There is no sudo/])
  t.match(messages(await of(() => 'User appstore is not allowed to run sudo on host.\n'), 'ok'), [/nothing beyond/])
})

t.test('content that root itself stages is for root alone, and planted links are no danger to it', async t => {
  const gate = '/var/lib/privexec/staging/appstore'
  const at = (mode: number) => contextFor(byDaemon, { [gate]: { kind: 'directory', mode } })
  t.match(messages(await stagingCheck(await at(0o710)), 'warning'), [/mode 0710, not 0700/])
  t.same(messages(await stagingCheck(await at(0o700)), 'warning'), [])
  const files = { '/proc/sys/fs/protected_symlinks': '0\n', '/proc/sys/fs/protected_hardlinks': '0\n' }
  t.equal(messages(await kernelCheck(contextOf({ files })), 'error').length, 2)
  t.equal(messages(await kernelCheck(contextOf({ files }, { policy: byDaemon })), 'warning').length, 2)
})

t.test('records of the root-side broker are root’s, file and directories', async t => {
  const file = '/var/log/privexec/appstore/audit.jsonl'
  const of = async (changes: Parameters<typeof contextFor>[1]) => auditCheck(await contextFor(byDaemon, changes))
  t.match(await of({ [file]: 'a record' }), [{ level: 'ok', message: /can be written by root only/ }])
  t.match(messages(await of({ [file]: { uid: 995 } }), 'error'), [/belongs to the account 995/])
  const theirs = { '/var/log/privexec/appstore': { kind: 'directory', mode: 0o750, uid: 995 } } as const
  t.match(messages(await of({ ...theirs, [file]: 'x' }), 'error'), [/appstore belongs to the account 995/])
  t.match(messages(await of(theirs), 'error'), [/appstore belongs to the account 995/], 'before the first record too')
  const good = { '/var/log/privexec/appstore': { kind: 'directory', mode: 0o750 } } as const
  t.match(await of(good), [{ level: 'ok' }], 'no record yet')
})

t.test('a service that uses a socket can give up setuid programs, and is told so', async t => {
  const status = (flag: number) => ({ '/proc/77/status': `Uid:\t995\t995\t995\t995\nNoNewPrivs:\t${flag}\n` })
  const of = async (flag: number) => processCheck(await contextFor(byDaemon, status(flag)))
  t.match(messages(await of(0), 'note'), [/^Process 77 of the principal can start setuid programs/])
  t.match(await of(1), [{ level: 'ok' }])
})

t.test('every program of the root-side broker is compared with this package’s', async t => {
  const found = async (changes: Parameters<typeof contextFor>[1]) =>
    messages(await programsCheck(await contextFor(byDaemon, changes)), 'error').join('\n')
  t.notMatch(await found({}), /libexec|sudo/)
  t.match(await found({ '/usr/libexec/privexec/warden': { mode: 0o755, text: 'x' } }), /warden is not the one of this/)
  t.match(await found({ '/usr/libexec/privexec/terminal': undefined }), /terminal does not exist/)
  t.match(await found({ '/usr/libexec/privexec': { kind: 'directory', mode: 0o777 } }), /may be written by everybody/)
})
