import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'
import { asAccount, asRoot, policyFile } from './support/privexec.ts'

if (!insideHost()) t.bailout('needs the throwaway host: node test/host/run.ts -- tap test/cli/*.test.ts')
prepareHost()

const files = ['appstore', 'pgd'].map(policyFile)
const dropIn = '/etc/sudoers.d/privexec_appstore'
const drop = '/var/lib/privexec/staging/appstore/drop'
const endOperation = '/usr/libexec/privexec/end-operation'
const shape = (path: string) => {
  const { mode, uid, gid } = statSync(path)
  return [(mode & 0o7777).toString(8), uid, gid]
}
const idOf = async (user: string) => Number((await runAs(user, ['id', '-g'])).stdout)
const pct = [
  '/usr/bin/nsenter',
  '--mount=/proc/1/ns/mnt',
  '--',
  '/usr/sbin/pct',
  'exec',
  '20001',
  '--keep-env',
  '0',
  '--',
]
const sample = [...pct, '/usr/bin/env', `PRIVEXEC_OPERATION=appstore-${'0'.repeat(32)}`, 'id']
const sudoSays = async () => (await runAs('appstore', ['sudo', '-n', '-l', '--', ...sample])).exitCode === 0

// The host comes with these; here, install has to make them.
for (const path of ['/var/lib/privexec', '/var/log/privexec']) rmSync(path, { recursive: true, force: true })
mkdirSync('/root/t', { recursive: true, mode: 0o700 })
t.teardown(() => {
  asRoot('policy', 'uninstall', ...files)
  rmSync('/var/log/privexec/appstore', { recursive: true, force: true })
  prepareHost()
})

/** The policy of the app store with other lines, as a file. */
function changed(name: string, from: string | RegExp, to: string): string {
  const path = `/root/t/${name}.yaml`
  writeFileSync(path, readFileSync(policyFile('appstore'), 'utf8').replaceAll(from, to))
  return path
}

t.test('--dry-run prints every change and makes none', async t => {
  const { exitCode, stdout } = asRoot('policy', 'install', '--dry-run', ...files)
  t.equal(exitCode, 0)
  t.match(stdout, /^create +\/etc\/sudoers\.d\/privexec_appstore +0440 root:root/m)
  t.match(stdout, /^create +\/var\/lib\/privexec\/staging\/pgd\/drop +1777/m)
  for (const path of [dropIn, drop, endOperation, '/etc/privexec']) t.notOk(existsSync(path), path)
})

t.test('install puts everything in place, and the real sudo agrees on a sample of each kind', async t => {
  const { exitCode, stdout, stderr } = asRoot('policy', 'install', ...files)
  t.equal(exitCode, 0, stderr)
  t.equal(stdout.match(/^as it should {2}sudo allows (appstore|alice): /gm)?.length, 2, stdout)
  t.equal(stdout.match(/^as it should {2}sudo refuses (appstore|alice): /gm)?.length, 2)
  const group = await idOf('appstore')
  t.same(shape(dropIn), ['440', 0, 0])
  t.same(shape(endOperation), ['755', 0, 0])
  t.same(shape(drop), ['1777', 0, 0])
  t.same(shape('/var/lib/privexec/staging/appstore'), ['710', 0, group])
  t.same(shape('/var/log/privexec'), ['755', 0, 0])
  t.match(shape('/var/log/privexec/appstore'), ['750', Number, group])
  t.ok(await sudoSays())
})

t.test('install again says unchanged, and touches nothing', async t => {
  const before = statSync(dropIn)
  const { exitCode, stderr } = asRoot('policy', 'install', ...files)
  t.equal(exitCode, 0)
  t.ok(
    stderr
      .trim()
      .split('\n')
      .every(line => line.startsWith('unchanged')),
    stderr,
  )
  t.match(statSync(dropIn), { ino: before.ino, ctimeMs: before.ctimeMs })
  t.equal(asRoot('policy', 'diff', '--installed', policyFile('appstore')).exitCode, 0)
})

t.test('doctor examines what is installed, with a status that says whether it found an error', async t => {
  const { exitCode, stdout } = asRoot('doctor', '--json')
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Record<string, string>[] }
  t.equal(exitCode, ok ? 0 : 1)
  t.equal(ok, !findings.some(({ level }) => level === 'error'))
  const dropIns = findings.filter(({ check, level }) => check === 'drop-in' && level === 'ok')
  t.same(
    dropIns.map(({ policy }) => policy),
    ['appstore', 'pgd'],
  )
  t.match(asRoot('doctor', 'appstore').stdout, /^ok +appstore +drop-in: /m)
})

t.test('a changed policy is found by its name, shows its lines, and is in force afterwards', async t => {
  const file = changed('narrow', '20000-20999', '20000-20000')
  t.match(asRoot('policy', 'diff', '--installed', file), { exitCode: 1, stdout: /pct\.exec, vmid\n.* now refused/ })
  const { exitCode, stderr } = asRoot('policy', 'install', file)
  t.equal(exitCode, 0, stderr)
  t.match(stderr, /^change +\/etc\/sudoers\.d\/privexec_appstore .*\n +- .*\n/m)
  t.notOk(await sudoSays())
  t.equal(asRoot('explain', 'pct.exec', '{"vmid":20001,"command":["id"]}', '--policy', 'appstore').exitCode, 77)
  t.equal(asRoot('policy', 'install', policyFile('appstore')).exitCode, 0)
  t.ok(await sudoSays())
})

t.test('what somebody edited or opened up is put right', async t => {
  chmodSync(drop, 0o777)
  chmodSync(endOperation, 0o777)
  chmodSync(dropIn, 0o640)
  writeFileSync(dropIn, `${readFileSync(dropIn, 'utf8')}appstore ALL=(root) NOPASSWD: ALL\n`)
  const { exitCode, stderr } = asRoot('policy', 'install', policyFile('appstore'))
  t.equal(exitCode, 0, stderr)
  t.match(stderr, /^ +- appstore ALL=\(root\) NOPASSWD: ALL$/m)
  t.same(
    [shape(drop), shape(endOperation), shape(dropIn)],
    [
      ['1777', 0, 0],
      ['755', 0, 0],
      ['440', 0, 0],
    ],
  )
})

t.test('an account that does not exist is refused, and nothing is changed', async t => {
  const { ctimeMs } = statSync('/etc/sudoers.d')
  const ghost = changed('ghost', 'appstore', 'ghost')
  t.match(asRoot('policy', 'install', ghost), { exitCode: 67, stderr: /There is no user ghost/ })
  const runAs = changed('run-as', 'grants:', 'runAs: nobody2\ngrants:')
  t.match(asRoot('policy', 'install', runAs), { exitCode: 67, stderr: /There is no user nobody2/ })
  t.equal(statSync('/etc/sudoers.d').ctimeMs, ctimeMs)
})

t.test('rules that do not fit those of a neighbour are taken back', async t => {
  const neighbour = '/etc/sudoers.d/neighbour'
  writeFileSync(neighbour, 'Cmnd_Alias PRIVEXEC_OTHER__END = /bin/true\n', { mode: 0o440 })
  t.teardown(() => rmSync(neighbour))
  const other = changed('other', 'policy: appstore', 'policy: other')
  t.match(asRoot('policy', 'install', other), { exitCode: 73, stderr: /visudo refuses the rules of this machine/ })
  t.notOk(existsSync('/etc/sudoers.d/privexec_other'))
  t.ok(await sudoSays(), 'the rules of before are in force')
  t.equal(asRoot('policy', 'uninstall', other).exitCode, 0)
  t.ok(existsSync(endOperation), 'the program stays while another policy needs it')
})

t.test('another rule that allows the refused sample is told, with status 1', async t => {
  const wide = '/etc/sudoers.d/wide'
  writeFileSync(wide, 'appstore ALL=(root) NOPASSWD: /usr/bin/nsenter *\n', { mode: 0o440 })
  t.teardown(() => rmSync(wide))
  const { exitCode, stdout } = asRoot('policy', 'install', policyFile('appstore'))
  t.equal(exitCode, 1)
  t.match(stdout, /^WRONG {2}sudo allows appstore: .*\n {2}another rule of sudo allows it/m)
})

t.test('root does not write below a directory that somebody else can change', async t => {
  const staging = '/var/lib/privexec/staging'
  const other = changed('other', 'policy: appstore', 'policy: other')
  chmodSync(staging, 0o777)
  t.teardown(() => chmodSync(staging, 0o755))
  t.match(asRoot('policy', 'install', other), { exitCode: 73, stderr: /staging can be changed by others than root/ })
  t.notOk(existsSync('/etc/sudoers.d/privexec_other'))
})

t.test('only root installs', async t => {
  t.match(await asAccount('mallory', ['policy', 'install', 'appstore']), {
    exitCode: 77,
    stderr: /PRIVEXEC_ROOT_NEEDED/,
  })
})

t.test('uninstall removes what install made and leaves logs and records', async t => {
  writeFileSync('/var/log/privexec/appstore/audit.jsonl', '')
  writeFileSync(`${drop}/${'a'.repeat(32)}`, 'left over')
  t.match(asRoot('policy', 'uninstall', '--dry-run', ...files), { exitCode: 0, stdout: /^remove +\/etc\/sudoers\.d/ })
  t.ok(existsSync(dropIn))
  t.equal(asRoot('policy', 'uninstall', ...files).exitCode, 0)
  t.notOk(readdirSync('/etc/sudoers.d').some(name => name.startsWith('privexec')))
  for (const path of ['/var/lib/privexec', '/usr/libexec/privexec', '/etc/privexec']) t.notOk(existsSync(path), path)
  t.ok(existsSync('/var/log/privexec/appstore/audit.jsonl'))
  t.notOk(await sudoSays())
  t.match(asRoot('policy', 'uninstall', ...files), { exitCode: 0, stderr: /nothing is installed/ })
})
