import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { denialRecord, intentRecord, outcomeRecord } from '../../../../packages/privexec/src/audit/record.ts'
import { openAudit } from '../../../../packages/privexec/src/audit/writer.ts'
import { PrivexecError } from '../../../../packages/privexec/src/index.ts'
import { facts, success } from '../../../../packages/privexec/test/audit/support/samples.ts'
import { hostAudit } from '../../src/doctor/audit.ts'
import { type Test, temporaryDirectory } from '../support/store.ts'

/** A policy whose audit file has an operation that succeeded and one that was refused. */
async function audited(t: Test) {
  const directory = temporaryDirectory(t)
  const policy = join(directory, 'appstore.yaml')
  const file = join(directory, 'audit.jsonl')
  const shipped = readFileSync(new URL('../../../../policies/appstore.yaml', import.meta.url), 'utf8')
  writeFileSync(policy, shipped.replace('/var/log/privexec/appstore/audit.jsonl', file))
  const log = await openAudit({ file })
  const ran = facts()
  await log.append(intentRecord(ran), { until: 'written' })
  await log.append(outcomeRecord(ran, success), { until: 'written' })
  const error = new PrivexecError('PRIVEXEC_OUT_OF_BOUNDS', 'vmid: \u001b[31m104')
  await log.append(denialRecord({ ...facts(), argv: undefined }, error), { until: 'written' })
  await log.close()
  return { file, policy, audit: hostAudit({ policy }) }
}

t.test('records are shown newest first, and the chain is verified', async t => {
  const { audit } = await audited(t)
  const page = await audit({})
  t.match(page.verification, { state: 'whole', text: /^3 records from number 1 on/ })
  t.match(page.records, [
    { id: '3', phase: 'outcome', outcome: 'failure', text: /\\u\{001b\}\[31m104/ },
    { id: '2', phase: 'outcome', outcome: 'success', text: /exit status 0/ },
    { id: '1', phase: 'intent', command: 'pct.exec', text: 'guest 20001: id' },
  ])
})

t.test('pages follow each other', async t => {
  const { audit } = await audited(t)
  const first = await audit({ limit: 2 })
  t.equal(first.next, '2')
  const second = await audit({ limit: 2, before: first.next ?? '' })
  t.same([second.records.map(({ id }) => id), second.next], [['1'], undefined])
  await t.rejects(audit({ before: 'x' }), { code: 'APPSTORE_INPUT_INVALID', field: 'before' })
})

t.test('a record that somebody edited is found', async t => {
  const { audit, file } = await audited(t)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"exit_code":0', '"exit_code":1'))
  t.match((await audit({})).verification, { state: 'broken', text: /record 2 of line 2 is edited/ })
})

t.test('without a file or a policy there is nothing to show, and the reason is told', async t => {
  const { policy } = await audited(t)
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('audit.jsonl', 'none.jsonl'))
  for (const audit of [hostAudit({ policy }), hostAudit({ policy: '/nonexistent.yaml' })])
    t.match(await audit({}), { records: [], verification: { state: 'unavailable', text: /./ } })
})
