import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { allSegments } from '../../src/audit/segments.ts'
import { verifyAudit } from '../../src/audit/verify.ts'

const program = new URL('support/append.ts', import.meta.url).pathname

interface Appender {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  /** Sequences that it was told are durable. */
  sequences(): number[]
}

function start(file: string, maxBytes: number, count: number): Appender {
  const child = spawn(process.execPath, [program, file, String(maxBytes), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  // A number that a kill cut off has no newline behind it.
  const sequences = () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)
      .map(Number)
  return { child, ended: once(child, 'close'), sequences }
}

t.test('several processes appending at once make one chain, through rotations', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const appenders = Array.from({ length: 4 }, () => start(file, 50_000, 50))
  await Promise.all(appenders.map(({ ended }) => ended))
  const sequences = appenders.flatMap(appender => appender.sequences()).sort((a, b) => a - b)
  t.same(
    sequences,
    Array.from({ length: 600 }, (_, i) => i + 1),
  )
  t.match(await verifyAudit(file), { ok: true, records: 600 })
  t.ok(allSegments(file).length > 5)
})

t.test('the chain outlives processes that are killed while they append', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const appenders: Appender[] = []
  for (let round = 0; round < 6; round += 1) {
    const pair = [start(file, 50_000, 1_000_000), start(file, 50_000, 1_000_000)]
    appenders.push(...pair)
    // Killed in the middle of the work, at a moment that nobody chose.
    while (pair.some(appender => appender.sequences().length < 20)) await sleep(5)
    await sleep(Math.random() * 30)
    for (const { child } of pair) child.kill('SIGKILL')
    await Promise.all(pair.map(({ ended }) => ended))
  }
  const last = start(file, 50_000, 1)
  await last.ended
  const result = await verifyAudit(file)
  t.same({ ok: result.ok, bad: result.bad, torn: result.torn }, { ok: true, bad: undefined, torn: undefined })
  const reported = [...appenders, last].flatMap(appender => appender.sequences())
  t.equal(new Set(reported).size, reported.length, 'no number was given twice')
  const stored = new Set(
    allSegments(file).flatMap(path =>
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).chain.seq),
    ),
  )
  t.ok(
    reported.every(sequence => stored.has(sequence)),
    'every record that was reported durable is there',
  )
})
