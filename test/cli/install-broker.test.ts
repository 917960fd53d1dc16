import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'
import { asRoot, bundle, example, rootsNode } from './support/privexec.ts'

if (!insideHost()) t.bailout('needs the throwaway host: node test/host/run.ts -- tap test/cli/*.test.ts')
prepareHost()

const root = join(import.meta.dirname, '../..')
const built = join(root, 'packages/privexec/dist/root/privexecd.js')
const node = rootsNode()
const [daemon, portable] = [example('daemon', 'appstore'), example('portable', 'pgd')]
const unit = '/etc/systemd/system/privexecd-appstore'
const programs = ['end-operation', 'warden', 'terminal', 'privexecd'].map(name => `/usr/libexec/privexec/${name}`)
const idOf = async (user: string) => Number((await runAs(user, ['id', '-g'])).stdout)
const shape = (path: string) => {
  const { mode, uid, gid } = statSync(path)
  return [(mode & 0o7777).toString(8), uid, gid]
}
const rootDoes = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'inherit' })
const install = (...args: string[]) => asRoot('policy', 'install', '--node', node, ...args)

for (const path of ['/var/lib/privexec', '/var/log/privexec']) rmSync(path, { recursive: true, force: true })
mkdirSync('/etc/systemd/system', { recursive: true })
mkdirSync('/root/t', { recursive: true, mode: 0o700 })
t.teardown(() => {
  asRoot('policy', 'uninstall', daemon, portable)
  rmSync('/var/log/privexec', { recursive: true, force: true })
  prepareHost()
})

t.test('without the built broker, install says how to build it', async t => {
  rmSync(built, { force: true })
  t.match(install(daemon), { exitCode: 73, stderr: /privexecd\.js cannot be read: build it first/ })
  t.notOk(existsSync('/etc/privexec'))
})

bundle()

t.test('a node that somebody else could replace is refused, and nothing is changed', async t => {
  const named = (path: string) => asRoot('policy', 'install', '--node', path, daemon)
  mkdirSync('/opt/theirs', { mode: 0o777 })
  writeFileSync('/opt/theirs/node', '', { mode: 0o755 })
  chmodSync('/opt/theirs', 0o777)
  t.match(named('/opt/theirs/node'), { exitCode: 73, stderr: /\/opt\/theirs can be changed by others than root/ })
  t.match(named('/opt/nothing'), { exitCode: 73, stderr: /install Node for all accounts/ })
  t.match(named('/etc/passwd'), { exitCode: 73, stderr: /is not a program/ })
  t.notOk(existsSync('/etc/privexec'))
})

t.test('for a socket, everything is in place, root’s, and sudo has no part in it', async t => {
  t.match(install('--dry-run', daemon), { exitCode: 0, stdout: /^create +\/etc\/systemd\/system\/privexecd-appstore/m })
  t.notOk(existsSync('/etc/privexec'))
  const { exitCode, stdout, stderr } = install(daemon)
  t.equal(exitCode, 0, stderr)
  t.match(stdout, /^run {2}systemctl enable --now privexecd-appstore\.socket$/m)
  const group = await idOf('appstore')
  for (const path of programs) t.same(shape(path), ['755', 0, 0], path)
  t.ok(readFileSync('/usr/libexec/privexec/privexecd').equals(readFileSync(built)))
  t.same(shape('/run/privexec'), ['755', 0, 0])
  t.same(shape('/run/privexec/appstore'), ['750', 0, group])
  t.same(shape('/var/lib/privexec/staging/appstore'), ['700', 0, 0])
  t.same(shape('/var/lib/privexec/staging/appstore/drop'), ['700', 0, 0])
  t.same(shape('/var/log/privexec/appstore'), ['750', 0, 0])
  t.match(readFileSync(`${unit}.service`, 'utf8'), `ExecStart=${node} --disallow`)
  const policy = JSON.parse(readFileSync('/etc/privexec/policies.d/appstore.json', 'utf8'))
  t.match(policy, { policy: 'appstore', transport: 'daemon' })
  t.notOk(existsSync('/etc/sudoers.d/privexec_appstore'))
  t.notOk(existsSync('/etc/apparmor.d/privexecd-appstore'))
})

t.test('install again says unchanged; --apparmor adds the profile', async t => {
  const again = install(daemon)
  const lines = again.stderr.trim().split('\n')
  t.ok(
    lines.every(line => line.startsWith('unchanged')),
    again.stderr,
  )
  t.match(install('--apparmor', daemon).stdout, /^run {2}apparmor_parser --replace/m)
  t.ok(existsSync('/etc/apparmor.d/privexecd-appstore'))
})

t.test('a change is compared with what root reads', async t => {
  t.match(asRoot('policy', 'diff', '--installed', daemon), { exitCode: 0, stdout: 'appstore: no difference\n' })
  const file = '/root/t/narrow.yaml'
  writeFileSync(file, readFileSync(daemon, 'utf8').replaceAll('20000-20999', '20000-20000'))
  t.match(asRoot('policy', 'diff', '--installed', file), { exitCode: 1, stdout: /pct\.exec, vmid\n.* now refused/ })
})

t.test('a policy that goes from sudo to a socket leaves no rule of sudo, and back no socket', async t => {
  const sudo = join(root, 'policies/appstore.yaml')
  const dropIn = '/etc/sudoers.d/privexec_appstore'
  const json = '/etc/privexec/policies.d/appstore.json'
  t.equal(install(sudo).exitCode, 0)
  t.ok(existsSync(dropIn))
  t.notOk(existsSync(`${unit}.socket`))
  t.notOk(existsSync(json))
  t.same(shape('/var/lib/privexec/staging/appstore/drop'), ['1777', 0, 0])
  writeFileSync('/var/log/privexec/appstore/audit.jsonl', '')
  rootDoes('chown', 'appstore', '/var/log/privexec/appstore/audit.jsonl')
  t.match(install(daemon), { exitCode: 73, stderr: /was written by another account/ })
  t.ok(existsSync(dropIn))
  rmSync('/var/log/privexec/appstore/audit.jsonl')
  t.equal(install(daemon).exitCode, 0)
  t.notOk(existsSync(dropIn))
  t.ok(existsSync(`${unit}.socket`))
  t.same(shape('/var/log/privexec/appstore'), ['750', 0, 0])
})

t.test('a user outside of the group of its name could not open the socket', async t => {
  const file = '/root/t/alone.yaml'
  const text = readFileSync(daemon, 'utf8').replaceAll(/(policy|user): appstore/g, '$1: alone')
  writeFileSync(file, text.replace('/appstore/audit', '/alone/audit'))
  rootDoes('useradd', '--system', '--gid', 'nogroup', 'alone')
  t.match(install(file), { exitCode: 67, stderr: /no group alone/ })
  rootDoes('groupadd', 'alone')
  t.match(install(file), { exitCode: 73, stderr: /gpasswd --add alone alone/ })
})

t.test('for the portable transport, sudo allows one program without arguments and nothing else', async t => {
  const { exitCode, stdout, stderr } = install(portable)
  t.equal(exitCode, 0, stderr)
  t.match(stdout, /^as it should {2}sudo allows alice: \/usr\/libexec\/privexec\/call-pgd$/m)
  t.match(stdout, /^as it should {2}sudo refuses alice: \/usr\/libexec\/privexec\/call-pgd x$/m)
  t.same(shape('/usr/libexec/privexec/call-pgd'), ['755', 0, 0])
  t.same(shape('/etc/sudoers.d/privexec_pgd'), ['440', 0, 0])
  t.notOk(existsSync('/etc/systemd/system/privexecd-pgd.socket'))
})

t.test('uninstall takes all of it away but records, and the programs when no policy is left', async t => {
  writeFileSync('/var/log/privexec/appstore/audit.jsonl', '')
  t.equal(asRoot('policy', 'uninstall', daemon).exitCode, 0)
  t.notOk(existsSync(`${unit}.socket`))
  for (const path of programs) t.ok(existsSync(path), path)
  t.equal(asRoot('policy', 'uninstall', portable).exitCode, 0)
  for (const path of [...programs, '/usr/libexec/privexec', '/etc/privexec', '/run/privexec', '/var/lib/privexec'])
    t.notOk(existsSync(path), path)
  for (const path of ['/etc/tmpfiles.d', '/etc/sysusers.d', '/etc/apparmor.d']) {
    t.notOk(existsSync(path) && readdirSync(path).some(name => name.startsWith('privexec')), path)
  }
  t.ok(existsSync('/var/log/privexec/appstore/audit.jsonl'))
})
