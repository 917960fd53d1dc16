import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { policyText, privexec } from '../support/cli.ts'

t.test('diff shows what becomes allowed, by command and field, and the status is 1', async t => {
  const wider = '  - { command: pct.exec, where: { vmid: 20000-21499 }, timeout: 20m }'
  const folder = t.testdir({ 'a.yaml': policyText(), 'b.yaml': policyText({ '- { command: pct.exec': wider }) })
  const [a, b] = ['a.yaml', 'b.yaml'].map(name => join(folder, name)) as [string, string]
  const { status, stdout } = await privexec(['policy', 'diff', a, b])
  t.equal(status, 1)
  t.match(stdout, /bounds of pct\.exec: .*20000-20999.* -> .*20000-21499/)
  t.match(stdout, 'time limit of pct.exec: 600 s -> 1200 s')
  t.match(stdout, /pct\.exec, vmid\n {4}\+ now allowed: .*\/pct exec 21000 /)
  t.notMatch(stdout, 'now refused')
  t.match(await privexec(['policy', 'diff', a, a]), { status: 0, stdout: 'store: no difference\n' })
  const back = JSON.parse((await privexec(['policy', 'diff', b, a, '--json'])).stdout)
  t.ok(back.samples.every((sample: { change: string }) => sample.change === 'refused'))
  t.match(await privexec(['policy', 'diff', a]), { status: 64, stderr: /two policies, or one and --installed/ })
})

t.test('what only a root-side broker checks is a difference too', async t => {
  const root = join(import.meta.dirname, '../../../../../policies')
  const [sudo, daemon] = [join(root, 'appstore.yaml'), join(root, 'examples/daemon/appstore.yaml')]
  const { stdout } = await privexec(['policy', 'diff', sudo, daemon])
  t.match(stdout, 'transport: sudo -> daemon')
  t.match(stdout, /guard of pct\.exec: \{\} -> .*"pool":"appstore"/)
  const folder = t.testdir({ 'a.yaml': readFileSync(daemon, 'utf8').replace('running: 16', 'running: 17') })
  const limits = await privexec(['policy', 'diff', daemon, join(folder, 'a.yaml')])
  t.match(limits, { status: 1, stdout: /limits: .*"running":16,.* -> .*"running":17,/ })
  t.match(await privexec(['policy', 'diff', '--installed', daemon]), { status: 1, stdout: /now allowed/ })
})
