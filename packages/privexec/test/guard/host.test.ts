import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostOf } from '../../src/guard/host.ts'

const owner = process.getuid?.() ?? 0
const code = 'PRIVEXEC_FILE_UNREADABLE'

/** A host below a directory of this test, whose account stands for root. */
function made(t: Test) {
  const root = t.testdir({ etc: { pve: { nodes: { here: { lxc: { '1.conf': 'one' } } }, 'user.cfg': 'pools' } } })
  for (const place of ['', 'etc', 'etc/pve', 'etc/pve/nodes', 'etc/pve/nodes/here', 'etc/pve/nodes/here/lxc']) {
    chmodSync(join(root, place), 0o755)
  }
  for (const file of ['etc/pve/user.cfg', 'etc/pve/nodes/here/lxc/1.conf']) chmodSync(join(root, file), 0o640)
  symlinkSync('nodes/here/lxc', join(root, 'etc/pve/lxc'))
  return { root, host: hostOf({ root, owner }), at: (path: string) => join(root, path) }
}

t.test('a file is read below the root of the host, over links that only its owner can have made', async t => {
  const { root, host, at } = made(t)
  t.equal(await host.read('/etc/pve/user.cfg'), 'pools')
  t.equal(await host.read('/etc/pve/lxc/1.conf'), 'one', 'as Proxmox VE has one')
  symlinkSync('/etc/pve/user.cfg', at('etc/absolute'))
  t.equal(await host.read('/etc/absolute'), 'pools', 'a target is below the root too')
  symlinkSync('../../../../../etc/passwd', at('etc/up'))
  t.equal(await host.read('/etc/up'), undefined, 'and no target leads out of it')
  symlinkSync('loop', at('etc/loop'))
  await t.rejects(host.read('/etc/loop'), { code, message: '"/etc/loop" is a link' })
  for (let count = 0; count < 5; count++) symlinkSync(count === 0 ? 'pve/user.cfg' : `${count - 1}`, at(`etc/${count}`))
  t.equal(await host.read('/etc/3'), 'pools', 'four links are followed')
  await t.rejects(host.read('/etc/4'), { code, message: '"/etc/0" is a link' }, 'and no more')
  await t.rejects(host.read(`/etc/${'x'.repeat(300)}`), { code: 'ENAMETOOLONG' }, 'what cannot be told is not missing')
  for (const path of ['/etc/none', '/none/none', '/etc/pve/user.cfg/x', '/etc/pve/lxc/2.conf']) {
    t.equal(await host.read(path), undefined, path)
  }
  await t.rejects(hostOf({ root, owner: owner + 1 }).read('/etc/pve/user.cfg'), { code }, 'of another owner')
})

t.test('what somebody else could have put there is not read', async t => {
  const { host, at } = made(t)
  for (const [place, mode] of [
    ['etc/pve/user.cfg', 0o660],
    ['etc/pve/user.cfg', 0o646],
    ['etc/pve', 0o775],
    ['etc', 0o1777],
    ['', 0o777],
  ] as const) {
    chmodSync(at(place), mode)
    await t.rejects(host.read('/etc/pve/user.cfg'), { code, message: `"/${place}" may be written by others` })
    chmodSync(at(place), place.endsWith('cfg') ? 0o640 : 0o755)
  }
  t.equal(await host.read('/etc/pve/user.cfg'), 'pools')
})

t.test('only regular files of at most 1 MiB are read', async t => {
  const { host, at } = made(t)
  await t.rejects(host.read('/etc/pve'), { code }, 'a directory')
  execFileSync('mkfifo', ['-m', '600', at('etc/pipe')])
  await t.rejects(host.read('/etc/pipe'), { code }, 'a pipe that nobody writes to')
  writeFileSync(at('etc/long'), 'x'.repeat(1_048_576), { mode: 0o600 })
  t.equal((await host.read('/etc/long'))?.length, 1_048_576)
  writeFileSync(at('etc/long'), 'x'.repeat(1_048_577), { mode: 0o600 })
  await t.rejects(host.read('/etc/long'), { code, message: /longer than 1048576 bytes/ })
})

t.test('no descriptor stays open, whether a file was read or not', async t => {
  const { host } = made(t)
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()
  for (let turn = 0; turn < 20; turn++) {
    await host.read('/etc/pve/user.cfg')
    await host.read('/etc/pve').catch(() => {})
  }
  t.ok(descriptors() <= before)
})

t.test('a look tells what a path is and follows nothing', async t => {
  const { host, at } = made(t)
  mkdirSync(at('empty'), { mode: 0o711 })
  t.match(await host.look('/empty'), { kind: 'directory', uid: owner, mode: 0o711, entries: 0 })
  t.match(await host.look('/etc/pve'), { kind: 'directory', mode: 0o755, entries: 3 })
  t.match(await host.look('/'), { kind: 'directory', entries: 2 })
  t.match(await host.look('/etc/pve/user.cfg'), { kind: 'file', mode: 0o640, entries: undefined })
  t.match(await host.look('/etc/pve/lxc'), { kind: 'link' })
  t.match(await hostOf({ root: '' }).look('/dev/null'), { kind: 'other', uid: 0 })
  t.equal(await host.look('/etc/none/none'), undefined)
  t.equal(await host.look('/etc/pve/user.cfg/x'), undefined)
  symlinkSync('etc', at('first'))
  await t.rejects(host.look('/first/pve'), { code, message: '"/first" is a link' })
  await t.rejects(host.look('/etc/pve/lxc/1.conf'), { code, message: '"/etc/pve/lxc" is a link' })
  for (let count = 0; count < 120; count++) writeFileSync(at(`empty/${count}`), '')
  t.match(await host.look('/empty'), { entries: 100 }, 'what is full is not counted to its end')
})

t.test('a program gets no environment, no input and the root as its directory', async t => {
  const { host } = made(t)
  process.env.CANARY = 'canary'
  t.teardown(() => delete process.env.CANARY)
  const said = await host.run(['/bin/sh', '-c', 'cat; pwd; env; echo wrong >&2; exit 3'])
  t.match(said, { exitCode: 3, stdout: /^\/\n/, stderr: 'wrong\n' })
  t.match(said.stdout, /^LC_ALL=C$/m)
  t.notMatch(said.stdout, /^(?:CANARY|HOME|PATH)=/m)
  t.strictSame(await host.run(['/bin/true']), { exitCode: 0, stdout: '', stderr: '' })
})

t.test('a program that cannot be started, dies or says too much has no exit status', async t => {
  const { host } = made(t)
  t.match(await host.run(['/nonexistent']), { exitCode: undefined })
  t.match(await host.run(['/bin/sh', '-c', 'kill -9 $$']), { exitCode: undefined })
  t.match(await host.run(['/bin/sh', '-c', 'yes']), { exitCode: undefined })
  const deaf = '$SIG{TERM} = "IGNORE"; print "x" x 2e6; sleep 600'
  t.match(await host.run(['/usr/bin/perl', '-e', deaf]), { exitCode: undefined }, 'also one that ignores its end')
})

const prlimit = '/usr/bin/prlimit'

t.test('a program for which there is no descriptor has no exit status', { skip: !existsSync(prlimit) }, async t => {
  const { host } = made(t)
  const script = `old=$(${prlimit} -p $PPID -n -o SOFT --noheadings)
    ${prlimit} -p $PPID -n1: && echo none; read -r _; ${prlimit} -p $PPID -n$old:`
  const limiter = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(limiter, 'exit')
  await once(limiter.stdout, 'data')
  const said = await host.run(['/bin/true']).finally(() => limiter.stdin.end('\n'))
  await ended
  t.strictSame(said, { exitCode: undefined, stdout: '', stderr: '' })
  t.match(await host.run(['/bin/true']), { exitCode: 0 })
})
