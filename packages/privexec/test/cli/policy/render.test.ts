import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { policyText, privexec } from '../support/cli.ts'

const root = join(import.meta.dirname, '../../../../..')
const policies = ['appstore', 'pgd'].map(name => join(root, 'policies', `${name}.yaml`))

t.test('the rendered files in the repository are those of the policies', async t => {
  const { status, stdout } = await privexec(['policy', 'render', ...policies, '--check'])
  t.equal(status, 0, stdout)
  t.equal(stdout.match(/^unchanged/gm)?.length, 9, 'three of each policy, two of a service, and one schema')
})

t.test('of a daemon, units and profiles are rendered and nothing for sudo', async t => {
  const file = join(root, 'policies/examples/daemon/appstore.yaml')
  const { status, stdout } = await privexec(['policy', 'render', file, '--check', '--no-schema', '--json'])
  t.equal(status, 0, stdout)
  const { files } = JSON.parse(stdout) as { files: { path: string }[] }
  t.same(
    files.map(({ path }) => path.replace(/.*\/rendered\//, '')),
    [
      ...['appstore.md', 'appstore.schema.json', 'privexec-appstore.sysusers.conf', 'privexec-appstore.tmpfiles.conf'],
      ...['privexecd-appstore.service', 'privexecd-appstore.socket', 'privexecd-appstore.apparmor'],
      ...['appstore.service', 'appstore-service.apparmor'],
    ],
  )
  const shown = await privexec(['policy', 'render', file])
  t.match(shown.stdout, /^### \/etc\/systemd\/system\/privexecd-appstore\.socket$/m)
  t.notMatch(shown.stdout, /NOPASSWD/)
})

t.test('of a portable policy, the one rule has no pattern, and its program is rendered too', async t => {
  const file = join(root, 'policies/examples/portable/pgd.yaml')
  t.equal((await privexec(['policy', 'render', file, '--check', '--no-schema'])).status, 0)
  const { stdout } = await privexec(['policy', 'render', file])
  t.match(stdout, /^%pgd ALL=\(root\) NOPASSWD: \/usr\/libexec\/privexec\/call-pgd ""$/m)
  t.match(stdout, /^### \/usr\/libexec\/privexec\/call-pgd\n#!\/bin\/sh$/m)
  t.notMatch(stdout, /^Defaults|[*^]/m)
})

t.test('without --out the drop-in is printed, without a wildcard and with a time limit for each command', async t => {
  const file = join(t.testdir({ 'a.yaml': policyText() }), 'a.yaml')
  const { status, stdout } = await privexec(['policy', 'render', file])
  t.equal(status, 0)
  t.notMatch(stdout, /[*]/)
  t.match(stdout, /^nobody ALL=\(root\) TIMEOUT=600s NOPASSWD: PRIVEXEC_STORE__1$/m)
})

t.test('--check tells what is stale or missing, and writes nothing; --out makes it fresh', async t => {
  const folder = t.testdir({ 'a.yaml': policyText() })
  const file = join(folder, 'a.yaml')
  const check = () => privexec(['policy', 'render', file, '--check'])
  t.match(await check(), { status: 1, stdout: /^missing {2}.*rendered\/store\.sudoers$/m })
  t.match(await privexec(['policy', 'render', file, '--out', folder]), {
    status: 0,
    stdout: /^written .*policy\.json$/m,
  })
  t.match(await check(), { status: 0 })
  const sudoers = join(folder, 'rendered/store.sudoers')
  const fresh = readFileSync(sudoers, 'utf8')
  appendFileSync(sudoers, '# edited\n')
  rmSync(join(folder, 'schema/policy.json'))
  const { status, stdout } = await privexec(['policy', 'render', file, '--check', '--json'])
  t.equal(status, 1)
  t.same(JSON.parse(stdout).stale, [join(folder, 'schema/policy.json'), sudoers])
  t.match(readFileSync(sudoers, 'utf8'), /# edited/)
  await privexec(['policy', 'render', file, '--out', folder])
  t.equal(readFileSync(sudoers, 'utf8'), fresh)
})
