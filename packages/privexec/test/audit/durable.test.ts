import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import t, { type Test } from 'tap'
import { intentRecord } from '../../src/audit/record.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts } from './support/samples.ts'

type Answer = (error: NodeJS.ErrnoException | null) => void

/** Puts a disk in place whose syncs end when the test says so. */
function slowDisk(t: Test): Answer[] {
  const { fdatasync } = fs
  const pending: Answer[] = []
  fs.fdatasync = ((_: number, answer: Answer) => pending.push(answer)) as unknown as typeof fdatasync
  syncBuiltinESMExports()
  t.teardown(() => {
    fs.fdatasync = fdatasync
    syncBuiltinESMExports()
  })
  return pending
}

const durable = { until: 'durable' } as const
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('a durable record waits for the disk, and those that come meanwhile share the next sync', async t => {
  const log = await openAudit({ file: `${t.testdir({})}/audit.jsonl` })
  const pending = slowDisk(t)
  const resolved: number[] = []
  const append = (): void => {
    log.append(intentRecord(facts()), durable).then(({ sequence }) => resolved.push(sequence))
  }
  append()
  await turn()
  for (let i = 0; i < 10; i += 1) append()
  await turn()
  t.same({ resolved, syncs: pending.length }, { resolved: [], syncs: 1 })
  pending[0]?.(null)
  await turn()
  await turn()
  t.same({ resolved, syncs: pending.length }, { resolved: [1], syncs: 2 })
  const { sequence } = await log.append(intentRecord(facts()), { until: 'written' })
  t.equal(sequence, 12, 'a written record does not wait')
  pending[1]?.(null)
  await turn()
  t.equal(resolved.length, 11)
  const closed = log.close()
  await turn()
  t.equal(pending.length, 3, 'closing makes it durable')
  pending[2]?.(null)
  await closed
})

t.test('an error of the disk rejects what waited for it, and the log goes on when the disk does', async t => {
  const log = await openAudit({ file: `${t.testdir({})}/audit.jsonl` })
  const pending = slowDisk(t)
  const first = log.append(intentRecord(facts()), durable)
  await turn()
  pending[0]?.(Object.assign(new Error('i/o error'), { code: 'EIO' }))
  await t.rejects(first, { code: 'PRIVEXEC_AUDIT_UNAVAILABLE', message: /EIO/ })
  const second = log.append(intentRecord(facts()), durable)
  await turn()
  pending[1]?.(null)
  t.equal((await second).sequence, 2)
  await log.close()
})
