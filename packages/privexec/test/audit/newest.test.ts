import { appendFileSync, linkSync, mkdirSync } from 'node:fs'
import t from 'tap'
import { newestRecords } from '../../src/audit/newest.ts'
import { intentRecord } from '../../src/audit/record.ts'
import { fullSegments } from '../../src/audit/segments.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts } from './support/samples.ts'

/** A file with records 1 to `count`, in segments of about `maxBytes`. */
async function written(file: string, count: number, maxBytes = 3000): Promise<void> {
  const log = await openAudit({ file, maxBytes })
  for (let n = 0; n < count; n += 1) {
    // Arguments of many lengths, so that lines cross the blocks that are read in every place.
    const argv = ['/usr/bin/true', 'x'.repeat((n * 977) % 4000)]
    await log.append(intentRecord(facts({ argv })), { until: 'written' })
  }
  await log.close()
}

const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, n) => from - n)

for (const [what, maxBytes] of [
  ['segments', 9000],
  ['one file', 10_000_000],
] as const) {
  t.test(`pages go from the newest record to the first, through ${what}`, async t => {
    const file = `${t.testdir({})}/audit.jsonl`
    await written(file, 120, maxBytes)
    const seen: number[] = []
    for (let before: number | undefined, pages = 0; pages < 10; pages += 1) {
      const page = await newestRecords(file, { limit: 35, before })
      seen.push(...page.records.map(({ chain }) => chain.seq))
      before = page.next
      if (before === undefined) break
    }
    t.same(seen, down(120, 1))
  })
}

t.test('a page that ends with the first record has no next one', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  await written(file, 10)
  const page = await newestRecords(file, { limit: 10 })
  t.same([page.records.length, page.next], [10, undefined])
  t.same(await newestRecords(file, { before: 1 }), { records: [] })
})

t.test('lines that are no records and a torn end are left out', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  await written(file, 3, 10_000_000)
  appendFileSync(file, `no record\n{"event":{}}\n${'y'.repeat(2_000_000)}\n{"event":{"id":"torn`)
  const { records } = await newestRecords(file)
  t.same(
    records.map(({ chain }) => chain.seq),
    [3, 2, 1],
  )
})

t.test('a file under two names, as a killed rotation leaves it, is read once', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  await written(file, 3, 10_000_000)
  linkSync(file, `${file}.${'1'.padStart(16, '0')}`)
  t.same([fullSegments(file).length, (await newestRecords(file)).records.length], [1, 3])
})

t.test('no file is an empty page, and one that cannot be read is an error', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  t.same(await newestRecords(file), { records: [] })
  mkdirSync(`${file}.d`)
  await t.rejects(newestRecords(`${file}.d`), { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' })
})
