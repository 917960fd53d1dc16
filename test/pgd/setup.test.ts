import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { bundle, rootsNode } from '../cli/support/privexec.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs, runScriptAs } from '../host/service.ts'
import { checkAnswer } from './support/account.ts'

// Setup as root on a pool of user-space ZFS, which has no delegation; then the doctor as whom it was made for.
const skip = !insideHost() ? 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/setup.test.ts' : false
const main = join(import.meta.dirname, '../../apps/pgd/src/cli/main.ts')
const base = 'second/pgd/databases'
const records = '/var/log/privexec/pgd'
const policy = '/etc/privexec/policies.d/pgd.yaml'
t.setTimeout(300_000)
/** Root runs the broker by it, so it lies where nobody else may write. */
let node = process.execPath

const sh = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: 'utf8' })
const zfs = (...args: string[]): string => sh('/usr/sbin/zfs', ...args).stdout.trim()

function setup(...args: string[]) {
  const argv = ['--conditions=@broker/source', main, 'setup', '--pool', 'second', '--user', 'alice', ...args]
  return sh(node, ...argv)
}
const doctor = async (user: string) => {
  const { stdout, stderr, exitCode } = await runScriptAs(user, main, ['doctor', '--json'], { readOnly: false })
  if (stdout === '') throw new Error(stderr)
  checkAnswer(JSON.parse(stdout))
  return {
    exitCode,
    ...(JSON.parse(stdout) as { ok: boolean; findings: { check: string; level: string; message: string }[] }),
  }
}

let daemon: ChildProcess | undefined

async function startBroker(): Promise<void> {
  const argv = ['-i', node, '/usr/libexec/privexec/privexecd', '--policy', 'pgd']
  daemon = spawn('env', argv, { cwd: '/', stdio: 'ignore' })
  for (let tries = 0; !existsSync('/run/privexec/pgd/socket'); tries += 1) {
    if (tries > 600 || daemon.exitCode !== null) throw new Error('privexecd does not answer')
    await delay(50)
  }
}

if (skip === false) {
  prepareHost({ zfs: true })
  node = rootsNode()
  bundle()
  // The files of this folder share one host: a pool of its own, and everything else as it was.
  sh('truncate', '-s', '128M', '/var/lib/second.img')
  sh('/usr/sbin/zpool', 'create', 'second', '/var/lib/second.img')
  for (const name of ['second/pgd', base, `${base}/other`]) zfs('create', '-o', 'canmount=off', name)
  t.teardown(async () => {
    if (daemon?.kill('SIGTERM')) await once(daemon, 'exit')
    const privexec = join(import.meta.dirname, '../../packages/privexec/src/cli/main.ts')
    sh(process.execPath, '--conditions=@broker/source', privexec, 'policy', 'uninstall', 'pgd')
    for (const file of [policy, policy.replace('.yaml', '.json')]) rmSync(file, { force: true })
    sh('/usr/sbin/zpool', 'destroy', 'second')
    rmSync('/var/lib/pgd', { recursive: true, force: true })
    rmSync(records, { recursive: true, force: true })
    sh('install', '-d', '-m', '2770', '-o', 'root', '-g', 'pgd', records)
  })
}

t.test('a base with datasets that pgd did not make is left as it is', { skip }, async s => {
  const before = zfs('get', '-rHp', 'all', base)
  s.match(setup('--yes'), { status: 78, stderr: /PGD_FOREIGN/ })
  s.equal(zfs('get', '-rHp', 'all', base), before)
  s.notOk(existsSync(policy))
  zfs('destroy', '-r', base)
})

t.test('nothing is changed without a yes, nor by others than root', { skip }, async s => {
  s.match(setup(), { status: 64, stderr: /to do {2}the dataset second\/pgd\/databases/ })
  s.match(setup('--dry-run'), { status: 0 })
  s.equal(zfs('list', '-H', '-o', 'name', base), '')
  const args = ['setup', '--pool', 'second', '--yes']
  s.not((await runScriptAs('alice', main, args, { readOnly: false })).exitCode, 0)
  s.notOk(existsSync('/var/lib/pgd'))
})

t.test('a policy that somebody else made is left as it is', { skip }, async s => {
  sh('mkdir', '-p', '/etc/privexec/policies.d')
  writeFileSync(policy, 'policy: pgd\n')
  s.match(setup('--yes'), { status: 78, stderr: /was not made by pgd setup/ })
  s.equal(readFileSync(policy, 'utf8'), 'policy: pgd\n')
  s.equal(zfs('list', '-H', '-o', 'name', base), '')
  rmSync(policy)
})

t.test(
  'the script does a part, the command does the rest, and a second time there is nothing to do',
  { skip },
  async s => {
    // The host keeps a directory of this name for another transport.
    rmSync(records, { recursive: true, force: true })
    const script = setup('--script', '--quota', '64m').stdout
    const half = script.slice(0, script.indexOf('# the policy'))
    const ran = spawnSync('/bin/sh', { input: half, encoding: 'utf8' })
    s.equal(ran.status, 0, ran.stderr)
    s.match(zfs('get', '-Hp', '-o', 'value', 'mountpoint,quota,exec,canmount', base).split('\n'), [
      ...['/var/lib/pgd/databases', String(64 * 2 ** 20), 'off', 'off'],
    ])
    s.notOk(existsSync(policy))
    const rest = JSON.parse(setup('--yes', '--quota', '64m', '--json').stdout) as { changed: string[] }
    s.match(rest.changed, [/the policy/])
    s.equal(rest.changed.length, 1)
    const again = JSON.parse(setup('--yes', '--quota', '64m', '--json').stdout) as { changed: string[] }
    s.strictSame(again.changed, [])
    for (const answer of [rest, again]) checkAnswer(answer)
  },
)

t.test('the doctor says what lacks while no broker runs', { skip }, async s => {
  const { ok, exitCode, findings } = await doctor('alice')
  s.equal(ok, false)
  s.equal(exitCode, 78)
  s.ok(findings.some(({ check, level }) => check === 'storage' && level === 'problem'))
})

t.test('whom it was made for can make, copy and destroy; nobody else can', { skip }, async s => {
  await startBroker()
  const { findings } = await doctor('alice')
  s.match(
    findings.find(({ check }) => check === 'probe'),
    { level: 'ok' },
  )
  s.strictSame(
    findings.filter(({ level, check }) => level === 'problem' && check !== 'policy'),
    [],
  )
  s.equal(zfs('list', '-rH', '-o', 'name', base), base, 'the probe left nothing')
  const other = await doctor('mallory')
  s.ok(other.findings.some(({ check, message }) => check === 'broker' && /no member of the group pgd/.test(message)))
  s.notOk(other.findings.some(({ check }) => check === 'probe'))
})

t.test('nobody but root may write where databases are mounted', { skip }, async s => {
  s.not((await runAs('alice', ['mkdir', '/var/lib/pgd/x'], { readOnly: false })).exitCode, 0)
  s.not((await runAs('alice', ['ln', '-s', '/etc', '/var/lib/pgd/databases/x'], { readOnly: false })).exitCode, 0)
})
