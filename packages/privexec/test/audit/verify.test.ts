import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type AuditPosition, genesis, sealLine } from '../../src/audit/chain.ts'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import { encodeVerifier, parseVerifier } from '../../src/audit/note.ts'
import { intentRecord, outcomeRecord } from '../../src/audit/record.ts'
import { allSegments } from '../../src/audit/segments.ts'
import { signingKey } from '../../src/audit/signing-key.ts'
import { asciiJson } from '../../src/audit/text.ts'
import { type Verification, verifyAudit } from '../../src/audit/verify.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { holds } from '../support/property.ts'
import { facts, success } from './support/samples.ts'

const count = 12

/** A chain of three segments, its files in memory, and a checkpoint of its head. */
async function chain(t: Test) {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file, maxBytes: 5000 })
  for (let i = 0; i < count / 2; i += 1) {
    const input = facts()
    await log.append(intentRecord(input), { until: 'written' })
    await log.append(outcomeRecord(input, success), { until: 'written' })
  }
  const head = await log.head()
  await log.close()
  const signer = signingKey(file, 'host.test/privexec')
  const note = signCheckpoint(head, signer)
  const key = parseVerifier(encodeVerifier(signer))
  const files = allSegments(file).map(path => ({ path, content: readFileSync(path) }))
  const restore = (): void => {
    for (const { path, content } of files) writeFileSync(path, content)
  }
  /** Puts all lines, one change made, back into files with as many lines as before. */
  const rewrite = (change: (lines: string[]) => void): void => {
    const lines = files.map(({ content }) => content.toString().trimEnd().split('\n'))
    const all = lines.flat()
    change(all)
    for (const [i, { path }] of files.entries()) {
      const own = i === files.length - 1 ? all.splice(0) : all.splice(0, lines[i]?.length)
      writeFileSync(path, own.map(line => `${line}\n`).join(''))
    }
  }
  const verify = (): Promise<Verification> => verifyAudit(file, { checkpoint: { note, key } })
  return { file, files, head, signer, key, note, restore, rewrite, verify }
}

t.test('an untouched chain is valid and agrees with its checkpoint', async t => {
  const { verify, files } = await chain(t)
  t.equal(files.length, 3)
  t.match(await verify(), { ok: true, records: count, checkpoint: 'agrees', unfinishedCount: 0 })
})

t.test('any flipped bit is found, and the record in which it is', async t => {
  const { files, restore, verify } = await chain(t)
  const place = fc.record({ file: fc.nat(2), at: fc.double({ min: 0, max: 1, noNaN: true }), bit: fc.nat(7) })
  await holds(
    t,
    fc.asyncProperty(place, async ({ file, at, bit }) => {
      const { path, content } = files[file] as (typeof files)[number]
      const changed = Buffer.from(content)
      const offset = Math.min(changed.length - 1, Math.floor(at * changed.length))
      changed[offset] = (changed[offset] ?? 0) ^ (1 << bit)
      restore()
      writeFileSync(path, changed)
      const { ok, bad, torn } = await verify()
      const line = content.subarray(0, offset).toString().split('\n').length
      if (ok) return false
      // The newline belongs to the record before it; the last one of a segment leaves it torn.
      return bad === undefined ? torn?.file === path : bad.file === path && (bad.line === line || bad.line === 0)
    }),
    {
      numRuns: 400,
      examples: [0, 1, 2].map(file => [{ file, at: 1, bit: 3 }] as [{ file: number; at: number; bit: number }]),
    },
  )
})

t.test('a deleted, moved or repeated record is named', async t => {
  const { restore, rewrite, verify } = await chain(t)
  const pair = fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).filter(([a, b]) => a !== b)
  await holds(
    t,
    fc.asyncProperty(fc.constantFrom('deleted', 'reordered', 'duplicated'), pair, async (fault, [a, b]) => {
      const [first, second] = [Math.min(a, b), Math.max(a, b)]
      rewrite(lines => {
        if (fault === 'deleted') lines.splice(a, 1)
        else if (fault === 'duplicated') lines.splice(second, 0, lines[first] ?? '')
        else [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? '']
      })
      const { ok, bad, checkpoint } = await verify()
      restore()
      // Without its checkpoint a chain that ends early is a whole chain.
      if (fault === 'deleted' && a === count - 1) return !ok && bad === undefined && checkpoint === 'lost'
      return !ok && bad?.fault === fault && bad.sequence === (fault === 'deleted' ? a : first) + 1
    }),
    { numRuns: 200, endOnFailure: true },
  )
})

t.test('any truncation is found', async t => {
  const { file, files, restore, verify } = await chain(t)
  await holds(
    t,
    fc.asyncProperty(fc.nat(2), fc.double({ min: 0, max: 1, noNaN: true }), async (index, at) => {
      const { path, content } = files[index] as (typeof files)[number]
      restore()
      writeFileSync(path, content.subarray(0, Math.min(content.length - 1, Math.floor(at * content.length))))
      return !(await verify()).ok
    }),
    { numRuns: 100, endOnFailure: true },
  )
  restore()
  rmSync(files[1]?.path ?? '')
  t.match(
    await verify(),
    { ok: false, bad: { fault: 'deleted', sequence: Number(files[1]?.path.slice(-16)) } },
    'a missing segment',
  )
  restore()
  for (const { path } of files) rmSync(path)
  writeFileSync(file, '')
  t.match(await verify(), { ok: false, records: 0, checkpoint: 'lost' }, 'everything')
})

t.test('a chain that was hashed anew from some record on does not agree with the checkpoint', async t => {
  const { files, restore, rewrite, verify } = await chain(t)
  const forge = (from: number) => (lines: string[]) => {
    let position: AuditPosition = genesis
    for (const [i, line] of lines.entries()) {
      const { chain, event, ...rest } = JSON.parse(line)
      const { sequence: _, ...fields } = event
      const reason = i === from ? { reason: 'nothing to see here' } : {}
      const sealed = sealLine(asciiJson({ event: { ...fields, ...reason }, ...rest }), position)
      lines[i] = i < from ? line : sealed.line
      position = i < from ? { sequence: chain.seq, hash: chain.hash } : sealed.position
    }
  }
  for (let from = 0; from < count; from += 1) {
    rewrite(forge(from))
    const { ok, bad, checkpoint } = await verify()
    t.same({ ok, bad, checkpoint }, { ok: false, bad: undefined, checkpoint: 'rewritten' })
    restore()
  }
  const path = files[0]?.path ?? ''
  const forged = sealLine('{"event":{"id":0}}', genesis)
  writeFileSync(path, `${forged.line}\n`)
  t.match(
    await verifyAudit(path),
    { ok: false, bad: { fault: 'edited', detail: /not a record/ } },
    'hashed, but no record',
  )
})

t.test('one record that was hashed anew does not fit the next', async t => {
  const { restore, rewrite, verify } = await chain(t)
  for (let at = 0; at < count; at += 1) {
    rewrite(lines => {
      const { chain, event, ...rest } = JSON.parse(lines[at] ?? '')
      const { sequence: _, ...fields } = event
      const json = asciiJson({ event: { ...fields, reason: 'nothing to see here' }, ...rest })
      lines[at] = sealLine(json, { sequence: chain.seq - 1, hash: chain.prev }).line
    })
    const { bad, checkpoint } = await verify()
    // Only the checkpoint knows the last one.
    if (at === count - 1) t.same({ bad, checkpoint }, { bad: undefined, checkpoint: 'rewritten' })
    else t.match(bad, { fault: 'edited', sequence: at + 2, detail: /does not follow/ })
    restore()
  }
})

t.test('a checkpoint of another key or log counts for nothing', async t => {
  const { file, head, key, note } = await chain(t)
  const verdict = async (text: string) => (await verifyAudit(file, { checkpoint: { note: text, key } })).checkpoint
  const other = signingKey(`${file}.other`, 'host.test/privexec')
  t.equal(await verdict(signCheckpoint(head, other)), 'unsigned', 'a swapped key')
  t.equal(await verdict(note.replace(`\n${count}\n`, `\n${count - 1}\n`)), 'unsigned', 'an edited checkpoint')
  await t.rejects(verdict('no checkpoint'), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
})

t.test('an older checkpoint agrees with a chain that went on, and a newer one shows a roll-back', async t => {
  const { file, files, note, key, restore, signer } = await chain(t)
  const log = await openAudit({ file })
  await log.append(intentRecord(facts()), { until: 'durable' })
  const newer = signCheckpoint(await log.head(), signer)
  await log.close()
  t.match(await verifyAudit(file, { checkpoint: { note, key } }), {
    ok: true,
    checkpoint: 'agrees',
    unfinishedCount: 1,
  })
  restore()
  t.match(await verifyAudit(file, { checkpoint: { note: newer, key } }), { ok: false, checkpoint: 'lost' })
  t.match(await verifyAudit(file), { ok: true }, 'which nobody sees without it')
  rmSync(files[0]?.path ?? '')
  t.match(await verifyAudit(file, { pruned: true, checkpoint: { note, key } }), { ok: true, checkpoint: 'agrees' })
})

t.test('an operation without an outcome is listed', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file })
  const input = facts()
  await log.append(intentRecord(input), { until: 'durable' })
  await log.close()
  const { ok, unfinished } = await verifyAudit(file)
  t.equal(ok, true, 'which is no fault of the chain')
  t.same(unfinished, [{ operation: input.operation, command: 'pct.exec', sequence: 1 }])
})

t.test('a log that grows and rotates is valid at every moment', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const log = await openAudit({ file, maxBytes: 20_000 })
  let isDone = false
  const writing = (async () => {
    for (let i = 0; i < 300; i += 1) await log.append(intentRecord(facts()), { until: 'durable' })
    isDone = true
  })()
  let isValid = true
  while (!isDone) isValid &&= (await verifyAudit(file)).ok
  await writing
  await log.close()
  t.equal(isValid, true)
})
