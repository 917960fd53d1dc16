import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import t, { type Test } from 'tap'
import { type AuditRecord, intentRecord, outcomeRecord } from '../../src/audit/record.ts'
import { allSegments } from '../../src/audit/segments.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts, success } from './support/samples.ts'

const durable = { until: 'durable' } as const
const written = { until: 'written' } as const
const unavailable = { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' }
const auditFile = (t: Test): string => `${t.testdir({})}/audit.jsonl`
const lines = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n')

t.test('records get consecutive numbers, across restarts', async t => {
  const file = auditFile(t)
  const first = await openAudit({ file })
  const input = facts()
  t.equal((await first.append(intentRecord(input), durable)).sequence, 1)
  t.equal((await first.append(outcomeRecord(input, success), written)).sequence, 2)
  await first.close()
  const second = await openAudit({ file })
  t.equal((await second.append(intentRecord(facts()), durable)).sequence, 3)
  await second.close()
  t.match(await verifyAudit(file), { ok: true, records: 3, unfinishedCount: 1, head: { sequence: 3 } })
  t.equal(JSON.parse(lines(file)[2] ?? '').event.sequence, 3)
  t.equal(statSync(file).mode & 0o777 & ~0o640, 0)
})

t.test('a written record is in the file when its promise resolves', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  const { hash } = await log.append(intentRecord(facts()), written)
  t.match(lines(file).at(-1), new RegExp(`"hash":"${hash}"`))
  await log.close()
})

t.test('many records at once keep the order in which they were appended', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  const appended = await Promise.all(
    Array.from({ length: 500 }, (_, i) => log.append(intentRecord(facts()), i % 3 === 0 ? written : durable)),
  )
  t.same(
    appended.map(({ sequence }) => sequence),
    Array.from({ length: 500 }, (_, i) => i + 1),
  )
  t.same(await log.head(), appended.at(-1))
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 500 })
})

t.test('closing waits for what was appended, and then nothing is appended any more', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  const pending = [log.append(intentRecord(facts()), durable), log.append(intentRecord(facts()), written)]
  await log.close()
  t.equal((await Promise.all(pending)).length, 2)
  await t.rejects(log.append(intentRecord(facts()), durable), unavailable)
})

t.test('a record that is none, or too long, is refused and the others are written', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  const huge = { ...intentRecord(facts()), labels: { text: 'x'.repeat(2_000_000) } }
  await t.rejects(log.append(huge, durable), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
  const { event, ...rest } = intentRecord(facts())
  await t.rejects(log.append({ ...rest, event } as AuditRecord, durable), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
  await log.append(intentRecord(facts()), durable)
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 1 })
})

t.test('a file that somebody else could write, or that is no file, is refused', async t => {
  const folder = t.testdir({ open: '', real: '', dir: {} })
  chmodSync(`${folder}/open`, 0o660)
  symlinkSync('real', `${folder}/link`)
  execFileSync('mkfifo', [`${folder}/pipe`])
  for (const name of ['open', 'link', 'pipe', 'dir', 'missing/file']) {
    await t.rejects(openAudit({ file: `${folder}/${name}` }), unavailable, name)
  }
})

t.test('a directory in which others can put files is refused', async t => {
  const folder = t.testdir({})
  chmodSync(folder, 0o777)
  await t.rejects(openAudit({ file: `${folder}/audit.jsonl` }), unavailable)
  chmodSync(folder, 0o755)
  await (await openAudit({ file: `${folder}/audit.jsonl` })).close()
})

t.test('a file of another account is refused', { skip: process.getuid?.() !== 0 && 'needs root' }, async t => {
  const file = auditFile(t)
  writeFileSync(file, '')
  execFileSync('chown', ['65534', file])
  // Root trusts its own files only; any other account trusts root's too.
  await t.rejects(openAudit({ file }), unavailable)
})

t.test('a file that was removed stops the log, until it is told to begin a new one', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), durable)
  renameSync(file, `${file}.0000000000000001`)
  await t.rejects(log.append(intentRecord(facts()), durable), unavailable)
  await t.rejects(openAudit({ file }), unavailable, 'nor does a new process begin one')
  await log.reopen()
  t.equal((await log.append(intentRecord(facts()), durable)).sequence, 2)
  await log.close()
  t.match(await verifyAudit(file), { ok: true, records: 2 })
})

t.test('a removed directory and a replaced lock stop the log', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  rmSync(`${file}.lock`)
  await t.rejects(log.append(intentRecord(facts()), durable), unavailable)
  writeFileSync(`${file}.lock`, '')
  await t.rejects(log.append(intentRecord(facts()), durable), unavailable)
  rmSync(t.testdirName, { recursive: true })
  await t.rejects(log.append(intentRecord(facts()), durable), unavailable)
  await log.close()
  mkdirSync(t.testdirName)
})

t.test('a file that was rolled back under a running process is noticed', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), durable)
  const old = readFileSync(file)
  await log.append(intentRecord(facts()), durable)
  writeFileSync(file, old)
  await t.rejects(log.append(intentRecord(facts()), durable), { code: 'PRIVEXEC_AUDIT_BROKEN' })
  await log.close()
})

t.test('rotation keeps every segment near its size and carries the chain', async t => {
  const file = auditFile(t)
  const logs = await Promise.all([openAudit({ file, maxBytes: 4000 }), openAudit({ file, maxBytes: 4000 })])
  for (let i = 0; i < 20; i += 1) {
    await Promise.all(logs.map((log, n) => log.append(intentRecord(facts()), n === 0 ? durable : written)))
  }
  await Promise.all(logs.map(log => log.close()))
  const files = allSegments(file)
  t.ok(files.length > 4, 'there are several segments')
  t.ok(files.every(path => statSync(path).size < 4000 + 4 * 1500))
  const { ok, records, segments } = await verifyAudit(file)
  t.same({ ok, records }, { ok: true, records: 40 })
  t.ok(segments.slice(0, -1).every(segment => segment.file.endsWith(String(segment.first).padStart(16, '0'))))
})

t.test('closing twice is closing once', async s => {
  const log = await openAudit({ file: `${s.testdir()}/audit.jsonl` })
  await Promise.all([log.close(), log.close()])
  await log.close()
})

t.test('a rotation that was killed half-way is finished', async t => {
  const file = auditFile(t)
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), durable)
  await log.close()
  linkSync(file, `${file}.0000000000000001`)
  t.match(await verifyAudit(file), { ok: true, records: 1 }, 'one file under two names')
  const next = await openAudit({ file, maxBytes: 10 })
  t.equal((await next.append(intentRecord(facts()), durable)).sequence, 2)
  await next.close()
  t.match(await verifyAudit(file), { ok: true, records: 2, segments: { length: 2 } })
  rmSync(file)
  writeFileSync(file, '', { mode: 0o640 })
  const empty = await openAudit({ file })
  t.equal((await empty.append(intentRecord(facts()), durable)).sequence, 2, 'an empty file carries on')
  await empty.close()
})
