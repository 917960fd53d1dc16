import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { followRecords } from '../../src/audit/follow.ts'
import { readRecords, type StoredRecord } from '../../src/audit/read.ts'
import { intentRecord, outcomeRecord } from '../../src/audit/record.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts, success } from './support/samples.ts'

const all = async (records: AsyncIterable<StoredRecord>): Promise<StoredRecord[]> => {
  const list: StoredRecord[] = []
  for await (const record of records) list.push(record)
  return list
}
const written = { until: 'written' } as const

t.test('records are read through all segments, and filtered', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file, maxBytes: 3000 })
  const mount = facts({ command: 'zfs.mount' })
  for (const input of [facts(), mount, facts()]) {
    await log.append(intentRecord(input), written)
    await log.append(outcomeRecord(input, success), written)
  }
  await log.close()
  const numbers = async (filter = {}) => (await all(readRecords(file, filter))).map(({ event }) => event.sequence)
  t.same(await numbers(), [1, 2, 3, 4, 5, 6])
  t.same(await numbers({ command: 'zfs.mount' }), [3, 4])
  t.same(await numbers({ operation: mount.operation, outcome: 'success' }), [4])
  t.same(await numbers({ since: new Date(Date.now() + 60_000) }), [])
  appendFileSync(file, 'no record\n{"event":{}}\n')
  t.same(await numbers({ since: new Date(0) }), [1, 2, 3, 4, 5, 6], 'lines that are no records are skipped')
})

t.test('following goes through rotations until it is aborted', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const controller = new AbortController()
  const seen: number[] = []
  const following = (async () => {
    for await (const { event } of followRecords(file, { from: 'start', signal: controller.signal })) {
      seen.push(event.sequence)
      if (event.sequence === 60) controller.abort()
    }
  })()
  const log = await openAudit({ file, maxBytes: 5000 })
  for (let i = 0; i < 60; i += 1) {
    await log.append(intentRecord(facts()), written)
    if (i % 10 === 0) await sleep(2)
  }
  await following
  await log.close()
  t.same(
    seen,
    Array.from({ length: 60 }, (_, i) => i + 1),
  )
})

t.test('following from the end shows only what comes, and an abort while it waits ends it', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), written)
  const controller = new AbortController()
  const records = followRecords(file, { command: 'zfs.mount', signal: controller.signal })
  let shown: StoredRecord | undefined
  const next = records.next().then(({ value }) => {
    shown = value ?? undefined
  })
  // Where the end was when it looked nobody can tell from outside, so more comes until it has seen something.
  while (shown === undefined) {
    await log.append(intentRecord(facts()), written)
    await log.append(intentRecord(facts({ command: 'zfs.mount' })), written)
    await sleep(20)
  }
  await next
  t.equal(shown.event.action, 'zfs.mount')
  t.ok(shown.event.sequence > 1)
  let last = records.next()
  controller.abort()
  while (!(await last).done) last = records.next()
  t.pass('it ended')
  await log.close()
})
