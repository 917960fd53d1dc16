import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { denialRecord, intentRecord, outcomeRecord } from '../../../src/audit/record.ts'
import { openAudit } from '../../../src/audit/writer.ts'
import { PrivexecError } from '../../../src/errors/error.ts'
import { facts, success } from '../../audit/support/samples.ts'
import { prettyLog } from '../../audit/support/sudo-log.ts'
import { privexec, start } from '../support/cli.ts'

/** An audit file of one operation that succeeded, one that is open, and one that was refused. */
async function sample(folder: string) {
  const file = join(folder, 'audit.jsonl')
  const log = await openAudit({ file })
  const [done, open, refused] = [facts(), facts(), facts({ command: 'pct.push', argv: undefined })]
  await log.append(intentRecord(done), { until: 'written' })
  await log.append(outcomeRecord(done, success), { until: 'written' })
  await log.append(intentRecord(open), { until: 'written' })
  await log.append(denialRecord(refused, new PrivexecError('PRIVEXEC_OUT_OF_BOUNDS', 'vmid: no\x1b[2J')), {
    until: 'written',
  })
  await log.close()
  return { file, done, open, refused }
}

t.test('show prints one line for each record, filtered, and nothing that a terminal would obey', async t => {
  const { file, done } = await sample(t.testdir({}))
  const { status, stdout } = await privexec(['audit', 'show', file])
  t.equal(status, 0)
  t.equal(stdout.trim().split('\n').length, 5, 'a head and four records')
  t.match(stdout, /success, exit 0 in 13 ms/)
  t.match(stdout, /^[\n -~]*$/)
  const one = await privexec(['audit', 'show', file, '--operation', done.operation, '--outcome', 'success', '--json'])
  t.match(JSON.parse(one.stdout), { event: { id: done.operation, type: ['end'] }, chain: { seq: 2 } })
  const last = await privexec(['audit', 'show', file, '--last', '1', '--json'])
  t.equal(JSON.parse(last.stdout).chain.seq, 4)
})

t.test('show is not led astray by records of another shape', async t => {
  const file = join(t.testdir({}), 'forged.jsonl')
  const forged = [
    { event: { id: 'x', type: 5, action: ['\x1b'] } },
    { event: { id: 'y', type: ['end'], duration: 'z' }, user: 1 },
  ]
  writeFileSync(file, forged.map(each => `${JSON.stringify({ ...each, chain: { seq: 1 } })}\n`).join(''))
  t.match(await privexec(['audit', 'show', file]), { status: 0, stdout: /^[\n -~]*$/, stderr: '' })
})

t.test('verify has status 0 for a whole chain and 1 for an edited one; a missing file is neither', async t => {
  const { file, open } = await sample(t.testdir({}))
  const whole = await privexec(['audit', 'verify', file])
  t.match(whole, { status: 0, stdout: /^ok .*: 4 records in 1 file\n/ })
  t.match(whole.stdout, `1 operations without an outcome, running or cut off: ${open.operation} pct.exec`)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"exit_code":0', '"exit_code":1'))
  t.match(await privexec(['audit', 'verify', file]), { status: 1, stdout: /record 2 is edited/ })
  const { stdout } = await privexec(['audit', 'verify', file, '--json'])
  t.match(JSON.parse(stdout), { ok: false, bad: { sequence: 2, fault: 'edited' } })
  t.match(await privexec(['audit', 'verify', `${file}.none`]), { status: 66, stderr: /ENOENT/ })
  t.match(await privexec(['audit', 'verify']), { status: 64 })
})

t.test('a checkpoint that was kept shows that the newest records were removed', async t => {
  const { file } = await sample(t.testdir({}))
  const { status, stdout, stderr } = await privexec(['audit', 'checkpoint', file, '--origin', 'host/store'])
  t.equal(status, 0)
  t.match(stdout, /^host\/store\n4\n/)
  t.match(stderr, `${file}.pub`)
  const kept = `${file}.kept`
  writeFileSync(kept, stdout)
  const verify = ['audit', 'verify', file, '--checkpoint', kept, '--public-key', `${file}.pub`]
  t.match(await privexec(verify), { status: 0, stdout: /the checkpoint agrees/ })
  writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, 3).join('\n').concat('\n'))
  t.match(await privexec(['audit', 'verify', file]), { status: 0 })
  t.match(await privexec(verify), { status: 1, stdout: /records that the checkpoint knows are gone/ })
  t.match(await privexec(verify.slice(0, -2)), { status: 64, stderr: /go together/ })
})

t.test('no checkpoint is signed under a chain that does not verify', async t => {
  const { file } = await sample(t.testdir({}))
  writeFileSync(file, readFileSync(file, 'utf8').replace('"exit_code":0', '"exit_code":1'))
  t.match(await privexec(['audit', 'checkpoint', file]), { status: 1, stdout: '', stderr: /PRIVEXEC_AUDIT_BROKEN/ })
})

t.test('reconcile has status 1 for an action of root that no record knows', async t => {
  const folder = t.testdir({})
  const { file, done, open } = await sample(folder)
  const log = join(folder, 'sudo.json')
  const argv = (done.argv ?? []).with(-1, 'halt')
  writeFileSync(log, prettyLog([done, open]))
  const reconcile = ['audit', 'reconcile', file, '--sudo-log', log]
  t.match(await privexec(reconcile), { status: 0, stdout: /^ok: 2 actions of root, 2 on record, 0 refused/ })
  writeFileSync(log, prettyLog([done, open, { operation: done.operation, argv }]))
  t.match(await privexec(reconcile), {
    status: 1,
    stdout: /not on record.* halt \(the record .* has other arguments\)/,
  })
  t.match(await privexec(['audit', 'reconcile', file]), { status: 64, stderr: /--sudo-log/ })
})

t.test('follow prints what is appended while it runs, and ends at a signal with 0', async t => {
  const { file } = await sample(t.testdir({}))
  const following = start(['audit', 'follow', file, '--all', '--json'])
  const seen: number[] = []
  for await (const line of createInterface(following.stdout)) {
    seen.push(JSON.parse(line).chain.seq)
    if (seen.length === 4) {
      const log = await openAudit({ file })
      await log.append(intentRecord(facts()), { until: 'written' })
      await log.close()
    }
    if (seen.length === 5) following.kill('SIGTERM')
  }
  t.same(seen, [1, 2, 3, 4, 5])
  t.equal(following.exitCode ?? (await once(following, 'exit'))[0], 0)
})
