import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs, runScriptAs } from '../host/service.ts'
import { checkAnswer } from './support/account.ts'
import { main } from './support/cli.ts'
import { policyPath as policy, records, ZfsPool, zfs } from './support/zfs-pool.ts'

// Setup as root on a pool of user-space ZFS, which has no delegation; then the doctor as whom it was made for.
const skip = !insideHost() ? 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/setup.test.ts' : false
t.setTimeout(600_000)
const base = 'second/pgd/databases'
let pool: ZfsPool

const setup = (...args: string[]) => pool.setup(...args)
const doctor = async (user: string) => {
  const { stdout, stderr, exitCode } = await runScriptAs(user, main, ['doctor', '--json'], { readOnly: false })
  if (stdout === '') throw new Error(stderr)
  checkAnswer(JSON.parse(stdout))
  return {
    exitCode,
    ...(JSON.parse(stdout) as { ok: boolean; findings: { check: string; level: string; message: string }[] }),
  }
}

if (skip === false) {
  prepareHost({ zfs: true })
  pool = new ZfsPool('second', '128M')
  for (const name of ['second/pgd', base, `${base}/other`]) zfs('create', '-o', 'canmount=off', name)
  t.teardown(() => pool.leave())
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
  mkdirSync(dirname(policy), { recursive: true })
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
  await pool.startBroker()
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
