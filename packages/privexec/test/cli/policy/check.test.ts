import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { policyText, privexec } from '../support/cli.ts'

t.test('a good policy is ok with status 0; JSON has its name', async t => {
  const file = join(t.testdir({ 'a.yaml': policyText() }), 'a.yaml')
  t.match(await privexec(['policy', 'check', file]), { status: 0, stdout: /^ok .*a\.yaml: policy store, 2 grants/ })
  const { stdout } = await privexec(['policy', 'check', file, '--json'])
  t.match(JSON.parse(stdout), { ok: true, problems: [], files: [{ file, name: 'store' }] })
})

t.test('problems are shown with file, line and column, and the status is 1', async t => {
  const text = policyText({ '- { command: pct.exec': '  - { command: pct.exec, where: { vmid: 5 }, timeout: 10x }' })
  const file = join(t.testdir({ 'b.yaml': text }), 'b.yaml')
  const { status, stdout } = await privexec(['policy', 'check', file])
  t.equal(status, 1)
  t.match(stdout, new RegExp(`^${file}:6:41: .*vmid`, 'm'))
  t.match(stdout, new RegExp(`^${file}:6:\\d+: .*timeout`, 'm'))
  const { problems } = JSON.parse((await privexec(['policy', 'check', file, '--json'])).stdout)
  t.match(problems[0], { file, line: 6, column: 41 })
})

t.test('two files may not hold policies of one name', async t => {
  const folder = t.testdir({ 'a.yaml': policyText(), 'b.yaml': policyText() })
  const files = ['a.yaml', 'b.yaml'].map(name => join(folder, name))
  t.match(await privexec(['policy', 'check', ...files]), {
    status: 1,
    stdout: /b\.yaml: .*a\.yaml has the same policy name/,
  })
})

t.test('a file that cannot be read is another status than one that is wrong', async t => {
  const file = join(t.testdir({}), 'none.yaml')
  t.match(await privexec(['policy', 'check', file]), { status: 66, stderr: /PRIVEXEC_POLICY_UNREADABLE/ })
  writeFileSync(file, 'policy: [')
  t.match(await privexec(['policy', 'render', file]), { status: 78, stderr: /PRIVEXEC_POLICY_INVALID/ })
})

t.test('a path that no unit could hold is a problem of a policy with a socket', async t => {
  const daemon = join(import.meta.dirname, '../../../../../policies/examples/daemon/pgd.yaml')
  const text = readFileSync(daemon, 'utf8').replace('/var/log/privexec/pgd/', '/var/log/my records/')
  const file = join(t.testdir({ 'a.yaml': text }), 'a.yaml')
  t.match(await privexec(['policy', 'check', daemon]), { status: 0 })
  t.match(await privexec(['policy', 'check', file]), { status: 1, stdout: /my records.* cannot stand in a unit/ })
})
