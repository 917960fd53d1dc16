import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Reconciliation, reconcile } from '../../src/audit/reconcile.ts'
import { type AuditFacts, denialRecord, intentRecord, outcomeRecord } from '../../src/audit/record.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { PrivexecError } from '../../src/errors/error.ts'
import { argvOf, facts, success } from './support/samples.ts'
import { compactLog, prettyLog, type SudoAction } from './support/sudo-log.ts'

const end = '/usr/libexec/privexec/end-operation'

/** Records these operations with their outcomes, and compares them with what sudo logged. */
async function compare(t: Test, operations: readonly AuditFacts[], log: string, more = {}): Promise<Reconciliation> {
  const folder = t.testdir({ 'sudo.log': log })
  const file = `${folder}/audit.jsonl`
  const audit = await openAudit({ file })
  for (const input of operations) {
    await audit.append(intentRecord(input), { until: 'written' })
    await audit.append(outcomeRecord(input, success), { until: 'written' })
  }
  await audit.close()
  return reconcile({ audit: [file], sudoLogs: [`${folder}/sudo.log`], ...more })
}

const reasons = ({ unrecorded }: Reconciliation): string[] => unrecorded.map(({ reason }) => reason)

t.test('actions with a record each are in order, in both forms of the log', async t => {
  const operations = [facts(), facts(), facts()]
  for (const form of [prettyLog, compactLog]) {
    const result = await compare(t, operations, form(operations.toReversed()))
    t.match(result, { ok: true, actions: 3, matched: 3, unrecordedCount: 0, unperformedCount: 0, malformed: 0 })
  }
})

t.test('an action without a marker, or with one that nobody recorded, is reported', async t => {
  const known = facts()
  const stranger: SudoAction = { operation: 'b'.repeat(32) }
  const result = await compare(
    t,
    [known],
    prettyLog([known, { ...known, env: [] }, stranger, { ...known, env: ['PRIVEXEC_OPERATION=nonsense'] }]),
  )
  t.equal(result.ok, false)
  t.same(reasons(result), ['unmarked', 'unknown', 'unmarked'])
  t.match(result.unrecorded[1], { user: 'appstore', marker: { operation: stranger.operation } })
  t.equal(result.matched, 1)
})

t.test('an action under two markers is reported, whichever of them is true', async t => {
  const known = facts()
  const env = [`PRIVEXEC_OPERATION=appstore-${known.operation}`, `PRIVEXEC_OPERATION=appstore-${'c'.repeat(32)}`]
  t.same(reasons(await compare(t, [known], prettyLog([{ ...known, env }]))), ['unmarked'])
})

t.test('a copied marker does not cover a second action', async t => {
  const known = facts()
  const { ok, unrecorded, matched } = await compare(t, [known], prettyLog([known, known]))
  t.match({ ok, matched, length: unrecorded.length }, { ok: false, matched: 1, length: 1 })
  t.equal(unrecorded[0]?.reason, 'repeated')
})

t.test('a marker covers the recorded arguments only, with their boundaries', async t => {
  const known = facts({ argv: argvOf('d'.repeat(32), 'rm', 'a b'), operation: 'd'.repeat(32) })
  const split = { operation: known.operation, argv: argvOf(known.operation, 'rm', 'a', 'b') }
  const result = await compare(t, [known], prettyLog([split, { ...known, argv: known.argv ?? [] }]))
  t.same(reasons(result), ['other-arguments'])
  t.same(result.unrecorded[0]?.argv, split.argv)
  t.equal(result.unperformedCount, 0, 'and the intent is there for the true one')
})

t.test('a marker of another policy covers nothing', async t => {
  const known = facts()
  const env = [`PRIVEXEC_OPERATION=pgd-${known.operation}`]
  t.equal((await compare(t, [known], prettyLog([{ ...known, env }]))).ok, false)
})

t.test('an argv too long for a record is compared by its hash', async t => {
  const operation = 'e'.repeat(32)
  const argv = argvOf(operation, 'sh', '-c', 'x'.repeat(50_000))
  const known = facts({ operation, argv })
  t.equal((await compare(t, [known], prettyLog([{ operation, argv }]))).ok, true)
  const other = [...argv.slice(0, -1), `${'x'.repeat(49_999)}y`]
  t.same(reasons(await compare(t, [known], prettyLog([{ operation, argv: other }]))), ['other-arguments'])
})

t.test('a record may leave out the wrapper that re-enters the namespace of the host', async t => {
  const operation = 'e'.repeat(32)
  const argv = argvOf(operation, 'id')
  const known = facts({ operation, argv: argv.slice(3) })
  t.equal((await compare(t, [known], prettyLog([{ operation, argv }]))).ok, true)
  const whole = facts({ operation, argv })
  t.equal((await compare(t, [whole], prettyLog([{ operation, argv: argv.slice(3) }]))).ok, false, 'but not invent it')
})

t.test('ending an operation that is on record is in order, however often; ending another is reported', async t => {
  const known = facts()
  const ending = (operation: string): SudoAction => ({ operation, argv: [end, `appstore-${operation}`], env: [] })
  const log = prettyLog([known, ending(known.operation), ending(known.operation), ending('f'.repeat(32))])
  const result = await compare(t, [known], log)
  t.same(reasons(result), ['unknown'])
  t.equal(result.matched, 3)
  const odd = { ...ending(known.operation), argv: [end, `appstore-${known.operation}`, 'more'] }
  t.equal((await compare(t, [known], prettyLog([known, odd]))).ok, false, 'and so is ending with other arguments')
})

t.test('an intent that root never acted on is listed with what its outcome said', async t => {
  const folder = t.testdir({ 'sudo.log': '' })
  const file = `${folder}/audit.jsonl`
  const audit = await openAudit({ file })
  const [refused, lost, denied] = [facts(), facts(), facts()]
  await audit.append(intentRecord(refused), { until: 'written' })
  const result = { ...success, outcome: 'failure', code: 'PRIVEXEC_SUDO_REFUSED' } as const
  await audit.append(outcomeRecord(refused, result), { until: 'written' })
  await audit.append(intentRecord(lost), { until: 'written' })
  await audit.append(denialRecord(denied, new PrivexecError('PRIVEXEC_NOT_GRANTED', 'no')), { until: 'written' })
  await audit.close()
  writeFileSync(`${folder}/sudo.log`, prettyLog([{ ...refused, kind: 'reject' }]))
  const { ok, rejected, unperformed } = await reconcile({ audit: [file], sudoLogs: [`${folder}/sudo.log`] })
  t.same({ ok, rejected }, { ok: true, rejected: 1 })
  t.match(unperformed, [
    { operation: refused.operation, code: 'PRIVEXEC_SUDO_REFUSED' },
    { operation: lost.operation, code: undefined },
  ])
  t.equal(unperformed.length, 2, 'a denial is not expected to have an action')
})

t.test('other accounts and old actions are left out when asked', async t => {
  const log = prettyLog([
    { operation: 'a'.repeat(32), user: 'somebody' },
    { operation: 'b'.repeat(32), time: new Date(1000) },
  ])
  t.equal((await compare(t, [], log)).unrecordedCount, 2)
  const since = new Date(2000)
  t.equal((await compare(t, [], log, { users: ['appstore'], since })).unrecordedCount, 0)
})

t.test('order in time decides nothing: a clock that was set back changes no verdict', async t => {
  const operations = Array.from({ length: 50 }, () => facts())
  const actions = operations.map((input, i) => ({ ...input, time: new Date(i % 2 === 0 ? 0 : Date.now() + 1e9) }))
  t.match(await compare(t, operations, prettyLog(actions)), { ok: true, matched: 50 })
})

t.test('a log that ends in the middle of an event, or holds one that is none, is reported', async t => {
  const known = facts()
  const log = prettyLog([known, known])
  t.match(await compare(t, [known], log.slice(0, -60).slice(0, log.lastIndexOf('runenv'))), { ok: false, malformed: 1 })
  t.match(await compare(t, [], '{"accept": {"runargv": [}}'), { ok: false, malformed: 1 })
})
