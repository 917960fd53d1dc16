import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insideHost, installDropIn, prepareHost, removeDropIn, starRules } from './prepare.ts'
import { runAs } from './service.ts'

const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/host/*.test.ts'
if (skip === false) prepareHost({ containers: true })

const pct = (args: readonly string[], options: { input?: string | Buffer; env?: Record<string, string> } = {}) => {
  const { status, stdout, stderr } = spawnSync('/usr/sbin/pct', args, {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
  })
  return { status, stdout, stderr }
}
const ok = (stdout: string) => ({ status: 0, stdout, stderr: '' })

/** Argument lists with the exit status and the beginning of stderr that the real command was observed to have. */
const refusals: readonly (readonly [number, RegExp, ...string[]])[] = [
  [255, /^ERROR: no command specified\n/],
  [255, /^ERROR: unknown command 'pct foo'\n/, 'foo'],
  [255, /^ERROR: incomplete command 'pct pu'\n/, 'pu'],
  [2, /^400 not enough arguments\n/, 'exec'],
  [2, /vmid: invalid format/, 'exec', '0104', '--', 'true'],
  [2, /vmid: invalid format/, 'exec', '99', '--', 'true'],
  [2, /vmid: invalid format/, 'exec', '104\n', '--', 'true'],
  [2, /vmid: invalid format/, 'exec', '1000000000', '--', 'true'],
  [2, /^Configuration file 'nodes\/pve\/lxc\/20999.conf' does not exist\n$/, 'exec', '20999', '--', 'true'],
  [2, /^Unknown option: l\n400 unable to parse option\n/, 'exec', '104', 'ls', '-l'],
  [2, /^400 unable to parse boolean option\n/, 'exec', '104', '--keep-env', 'maybe', '--', 'true'],
  [255, /^missing command\n$/, 'exec', '104'],
  [2, /^400 not enough arguments\n/, 'push', '104', '/etc/hostname'],
  [2, /^400 too many arguments\n/, 'push', '104', '/etc/hostname', '/tmp/a', '/tmp/b'],
  [255, /^can only push files to a running CT\n$/, 'push', '20999', '/etc/hostname', '/tmp/a'],
]

/** Pushes that fail while the exit status says 0. */
const failures: readonly (readonly [RegExp, ...string[]])[] = [
  [/^failed to open \/nosuch for reading\n$/, '/nosuch', '/tmp/a'],
  [/^failed to create file: \/nosuch\/a: No such file or directory\n$/, '/etc/hostname', '/nosuch/a'],
  [/^failed to create file: \/tmp: Is a directory\n$/, '/etc/hostname', '/tmp'],
  [/^failed to get uid for: nobodyhere\n$/, '/etc/hostname', '/tmp/a', '--user', 'nobodyhere'],
  [/^failed to get gid for: nobodyhere\n$/, '/etc/hostname', '/tmp/a', '--group', 'nobodyhere'],
  [/^invalid mode: '0999'\n$/, '/etc/hostname', '/tmp/a', '--perms', '999'],
]

t.test('wrong arguments are refused as the real command refuses them', { skip }, async s => {
  for (const [status, stderr, ...args] of refusals)
    s.match(pct(args), { status, stdout: '', stderr }, JSON.stringify(args))
})

t.test('exec passes arguments, stdin, output and the exit status through', { skip }, async s => {
  const words = ['', ' a  b ', 'x\ny', '-n', '$(id)', 'é']
  s.strictSame(
    pct(['exec', '20001', '--', 'sh', '-c', 'for w; do printf "%s\\0" "$w"; done', 'sh', ...words]),
    ok(words.map(word => `${word}\0`).join('')),
  )
  s.strictSame(pct(['exec', '20001', '--', 'cat'], { input: 'bytes' }), ok('bytes'))
  s.match(pct(['exec', '20001', '--', 'sh', '-c', 'echo e >&2; exit 7']), { status: 7, stderr: 'e\n' })
  s.match(pct(['exec', '20001', '--', 'nosuch']), { status: 127, stderr: /No such file or directory/ })
  s.equal(pct(['exec', '20001', '--', 'sh', '-c', 'exit 255']).status, 255, 'which is ambiguous')
})

t.test('both containers run, each its own, and root inside is not root outside', { skip }, async s => {
  s.strictSame(pct(['exec', '20001', '--', 'hostname']), ok('ct20001\n'))
  s.strictSame(pct(['exec', '104', '--', 'hostname']), ok('ct104\n'))
  s.strictSame(pct(['exec', '104', '--', 'cat', '/proc/self/uid_map']).stdout.trim().split(/\s+/), [
    '0',
    '100000',
    '65536',
  ])
})

t.test('exec keeps the environment of the caller unless told not to', { skip }, async s => {
  const env = { LEAK: 'secret' }
  s.match(pct(['exec', '20001', '--', 'env'], { env }).stdout, /^LEAK=secret$/m)
  const cleared = pct(['exec', '20001', '--keep-env', '0', '--', '/usr/bin/env', 'A=b', 'env'], { env }).stdout
  s.notMatch(cleared, /LEAK/)
  s.match(cleared, /^A=b$/m)
})

t.test('options may be shortened, and the position of the id wins', { skip }, async s => {
  s.strictSame(pct(['exe', '-keep=0', '104', '--vmid', '20001', '--', 'hostname']), ok('ct104\n'))
})

t.test('a pushed file lands with its bytes, mode and owner, and a link is followed', { skip }, async s => {
  const directory = mkdtempSync('/var/tmp/pct-')
  s.teardown(() => rmSync(directory, { recursive: true }))
  const source = join(directory, 'source')
  writeFileSync(source, Buffer.alloc(300_000, 'abc'))
  s.strictSame(pct(['push', '20001', source, '/tmp/f', '--perms', '0640', '--user', 'app', '--group', '0']), ok(''))
  s.match(pct(['exec', '20001', '--', 'stat', '-c', '%s %a %u %g', '/tmp/f']), ok('300000 640 1000 0\n'))
  symlinkSync('/etc/shadow', join(directory, 'link'))
  s.strictSame(pct(['push', '20001', join(directory, 'link'), '/tmp/stolen']), ok(''))
  s.match(pct(['exec', '20001', '--', 'cat', '/tmp/stolen']).stdout, /^root:/)
})

t.test('a push that failed exits 0 and tells on stderr alone', { skip }, async s => {
  for (const [stderr, ...args] of failures) {
    s.match(pct(['push', '104', ...args]), { status: 0, stdout: '', stderr }, JSON.stringify(args))
  }
})

t.test('the whole way works: account, read-only namespace, sudo, nsenter, container', { skip }, async s => {
  installDropIn('pct-star', starRules)
  s.teardown(() => removeDropIn('pct-star'))
  const way = ['sudo', '-n', '/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/pct']
  const run = await runAs('appstore', [...way, 'exec', '20001', '--keep-env', '0', '--', 'sh', '-c', 'cat; exit 9'], {
    input: 'x',
  })
  s.match(run, { exitCode: 9, stdout: 'x' })
  const drop = '/var/lib/privexec/staging/appstore/drop/0123456789abcdef0123456789abcdef'
  await runAs('appstore', ['sh', '-c', 'printf staged >"$0"', drop])
  s.match(await runAs('appstore', [...way, 'push', '20001', drop, '/tmp/staged']), { exitCode: 0, stderr: '' })
  s.strictSame(pct(['exec', '20001', '--', 'cat', '/tmp/staged']), ok('staged'))
})
