import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { prepareHost } from '../host/prepare.ts'
import { call, exec, installed, push, zfs } from './installed.ts'

prepareHost({ containers: true, zfs: true })
await installed()

t.test('pct.exec gives output, exit code and standard input of a program in the container', async t => {
  const [echo, cat, seven] = await call('appstore', [
    exec(['echo', 'two  blanks', '']),
    exec(['cat'], { stdin: 'given' }),
    exec(['sh', '-c', 'echo said >&2; exit 7']),
  ])
  t.match(echo, { exitCode: 0, stdout: 'two  blanks \n' })
  t.equal(cat?.stdout, 'given')
  t.match(seven, { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 7, stderr: /said/, ended: true })
})

t.test('a callback takes the output, and failures are still told apart', async t => {
  const [big, seven, nowhere] = await call('appstore', [
    exec(['sh', '-c', 'head -c 3000000 /dev/zero'], { stream: true }),
    exec(['sh', '-c', 'echo said >&2; exit 7'], { stream: true }),
    { ...push('/nosuch/file', 'x'), stream: true },
  ])
  t.match(big, { exitCode: 0, streamed: 3_000_000, stdout: '' })
  t.match(seven, { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 7, streamed: 5, stderr: '' })
  t.match(nowhere, { failure: 'cannotCreate', exitCode: 0 })
})

t.test('the program in the container finds an empty environment, the root directory and no terminal', async t => {
  const [environment, place] = await call('appstore', [exec(['env']), exec(['sh', '-c', 'pwd; ls /proc/self/fd; tty'])])
  const names = (environment?.stdout ?? '')
    .trim()
    .split('\n')
    .map(line => line.split('=')[0])
  t.same(names.sort(), ['PATH', 'PRIVEXEC_OPERATION', 'container'])
  t.match(place?.stdout, /^\/\n0\n1\n2\n3\nnot a tty\n$/)
})

t.test('pct.push writes bytes with mode and owner, and leaves nothing staged', async t => {
  const text = `${'x'.repeat(3_000_000)}end`
  const [pushed, list, tail] = await call('appstore', [
    push('/root/.config-file', text, { perms: '0600', user: '0', group: '0' }),
    exec(['ls', '-ln', '/root/.config-file']),
    exec(['tail', '-c', '3', '/root/.config-file']),
  ])
  t.match(pushed, { exitCode: 0 })
  t.match(list?.stdout, /^-rw------- +1 0 +0 +3000003 /)
  t.equal(tail?.stdout, 'end')
  t.same(readdirSync('/var/lib/privexec/staging/appstore/drop'), [])
})

t.test('a push that fails is a failure although pct exits with 0', async t => {
  const [nowhere, nobody, broken] = await call('appstore', [
    push('/nosuch/file', 'x'),
    push('/root/file', 'x', { user: 'nobodyhere' }),
    { ...push('/root/file', ''), brokenContent: true },
  ])
  t.match(nowhere, { code: 'PRIVEXEC_PROGRAM_FAILED', failure: 'cannotCreate', exitCode: 0 })
  t.match(nobody, { failure: 'noSuchUser', exitCode: 0 })
  t.match(broken, { code: 'PRIVEXEC_STREAM_FAILED' })
  t.same(readdirSync('/var/lib/privexec/staging/appstore/drop'), [])
})

t.test('content that never comes is waited for until the time limit or a cancel', async t => {
  const [late, cancelled] = await call('appstore', [
    { ...push('/root/file', ''), endlessContent: true, timeout: 200 },
    { ...push('/root/file', ''), endlessContent: true, cancelAfter: 200 },
  ])
  t.match(late, { code: 'PRIVEXEC_TIMED_OUT', ended: true })
  t.match(cancelled, { code: 'PRIVEXEC_CANCELLED', ended: true })
  t.same(readdirSync('/var/lib/privexec/staging/appstore/drop'), [])
})

t.test('failures of pct are told apart from those of the program', async t => {
  const [absent, program, spoken, one] = await call('appstore', [
    exec(['true'], { input: { vmid: 20002, command: ['true'] } }),
    exec(['nosuchprogram']),
    exec(['sh', '-c', 'echo "sudo: a password is required" >&2; exit 1']),
    exec(['false']),
  ])
  t.match(absent, { failure: 'noSuchContainer', exitCode: 2 })
  t.match(program, { failure: 'programMissing', exitCode: 127 })
  t.match(spoken, { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 1 }, 'words like those of sudo are only words')
  t.match(one, { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 1 })
})

t.test('zfs.mount and zfs.unmount work on the real pool and are seen by the host', async t => {
  const shop = 'tank/pgd/databases/shop/main'
  const isMounted = () => execFileSync('mount', { encoding: 'utf8' }).includes(shop)
  const [mounted] = await call('alice', [zfs('zfs.mount', shop)])
  t.match(mounted, { exitCode: 0 })
  t.ok(isMounted())
  const [again, gone, twice, nosuch, outside] = await call('alice', [
    zfs('zfs.mount', shop),
    zfs('zfs.unmount', shop),
    zfs('zfs.unmount', shop),
    zfs('zfs.mount', 'tank/pgd/databases/shop/nosuch'),
    zfs('zfs.mount', 'tank/other'),
  ])
  t.match(again, { failure: 'alreadyMounted', exitCode: 1 })
  t.match(gone, { exitCode: 0 })
  t.notOk(isMounted())
  t.match(twice, { failure: 'notMounted' })
  t.match(nosuch, { failure: 'notFound' })
  t.match(outside, { code: 'PRIVEXEC_OUT_OF_BOUNDS', field: 'dataset' })
})

t.test('somebody who is not the principal is refused, and by sudo as well', async t => {
  const [refused] = await call('mallory', [{ ...zfs('zfs.mount', 'tank/pgd/databases/shop/main') }])
  t.match(refused, { code: 'PRIVEXEC_NOT_GRANTED', isRefused: true })
})

t.test('the audit file has an intent and an outcome of everything, and one denial', async t => {
  const lines = readFileSync('/var/log/privexec/appstore/audit.jsonl', 'utf8').trim().split('\n')
  const types = lines.map(line => (JSON.parse(line) as { event: { type: string[] } }).event.type[0])
  t.equal(types.filter(type => type === 'allowed').length, types.filter(type => type === 'end').length)
})
