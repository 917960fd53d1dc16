import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { policyText, privexec } from './support/cli.ts'

t.test('run refuses what explain refuses, and records it', async t => {
  const folder = t.testdir({ 'a.yaml': policyText() })
  const audit = join(folder, 'audit.jsonl')
  const run = await privexec([
    ...['run', 'pct.exec', '{"vmid":104,"command":["ls"]}', '--policy', join(folder, 'a.yaml')],
    ...['--audit-file', audit],
  ])
  t.match(run, { status: 77, stdout: '', stderr: /^privexec: / })
  const shown = await privexec(['audit', 'show', audit, '--json'])
  t.match(JSON.parse(shown.stdout), { event: { action: 'pct.exec', type: ['denied'] } })
})

t.test('what cannot be is said before anything is opened', async t => {
  const folder = t.testdir({ 'a.yaml': policyText() })
  const audit = join(folder, 'audit.jsonl')
  const run = (command: string, input: object, ...more: string[]) =>
    privexec([
      ...['run', command, JSON.stringify(input), '--policy', join(folder, 'a.yaml'), '--audit-file', audit],
      ...more,
    ])
  const push = { vmid: 20001, destination: '/opt/a' }
  t.match(await run('pct.exec', { vmid: 20001, command: ['ls'] }, '--content', 'x'), {
    status: 64,
    stderr: /takes no content/,
  })
  t.match(await run('pct.push', push, '--stdin'), { status: 64, stderr: /standard input is the content/ })
  t.match(await run('pct.push', push, '--content', join(folder, 'none')), { status: 66, stderr: /ENOENT/ })
  t.match(await run('pct.push', push, '--content', folder), { status: 66, stderr: /EISDIR/ })
  t.match(await run('pct.push', push, '--timeout', 'soon'), { status: 64, stderr: /--timeout "soon"/ })
  t.notOk(existsSync(audit))
})
