import { hash } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { intentRecord } from '../../src/audit/record.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { holds } from '../support/property.ts'
import { facts } from './support/samples.ts'

const durable = { until: 'durable' } as const

async function begin(t: Test): Promise<{ file: string; folder: string; content: Buffer }> {
  const folder = t.testdir({})
  const file = `${folder}/audit.jsonl`
  const log = await openAudit({ file })
  for (let i = 0; i < 3; i += 1) await log.append(intentRecord(facts()), durable)
  await log.close()
  return { file, folder, content: readFileSync(file) }
}

const setAside = (folder: string): Buffer[] =>
  readdirSync(folder)
    .filter(name => name.includes('.torn-'))
    .map(name => readFileSync(`${folder}/${name}`))

t.test('wherever a crash cut the last record, the next open keeps its bytes and the chain', async t => {
  const { file, folder, content } = await begin(t)
  const last = content.subarray(0, -1).lastIndexOf(10) + 1
  let repairs = 0
  await holds(
    t,
    fc.asyncProperty(fc.integer({ min: last + 1, max: content.length - 1 }), async cut => {
      writeFileSync(file, content.subarray(0, cut))
      const torn = await verifyAudit(file)
      const log = await openAudit({ file })
      await log.append(intentRecord(facts()), durable)
      await log.close()
      repairs += 1
      const after = await verifyAudit(file)
      return (
        torn.torn?.bytes === cut - last &&
        !torn.ok &&
        after.ok &&
        after.records === 4 &&
        after.repairs === 1 &&
        setAside(folder).some(bytes => bytes.equals(content.subarray(last, cut)))
      )
    }),
    { numRuns: 30, examples: [[last + 1], [content.length - 1]] },
  )
  t.equal(setAside(folder).length, repairs, 'each was kept in a file of its own')
})

t.test('blocks of zeros after a power failure are set aside too', async t => {
  const { file, folder } = await begin(t)
  const zeros = Buffer.concat([Buffer.alloc(8192), Buffer.from('\nhalf a line\n'), Buffer.alloc(70_000)])
  appendFileSync(file, zeros)
  const log = await openAudit({ file })
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 4, repairs: 1 })
  t.same(setAside(folder), [zeros])
  const record = JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '')
  t.match(record.labels, { torn_bytes: zeros.length, torn_sha256: hash('sha256', zeros, 'hex') })
})

t.test('a torn first record is set aside as well', async t => {
  const { file, folder } = await begin(t)
  truncateSync(file, 100)
  const log = await openAudit({ file })
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 1, repairs: 1 })
  t.equal(setAside(folder)[0]?.length, 100)
})

t.test('a process that is running repairs what another one tore', async t => {
  const { file } = await begin(t)
  const log = await openAudit({ file })
  appendFileSync(file, '{"event":{"seq')
  t.equal((await log.append(intentRecord(facts()), durable)).sequence, 5)
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 5, repairs: 1 })
})

t.test('an edited last record is no tear: nothing is appended to it', async t => {
  const { file, content } = await begin(t)
  writeFileSync(file, content.toString().replace(/20001(?=[^\n]*\n$)/, '20002'))
  await t.rejects(openAudit({ file }), { code: 'PRIVEXEC_AUDIT_BROKEN' })
})
