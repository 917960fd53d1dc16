import t from 'tap'
import { describe, plan } from '../../scripts/stages/plan.ts'
import { runStage, type Stage } from '../../scripts/stages/stage.ts'
import { TapReader } from '../../scripts/stages/tap.ts'

const stage = (script: string, limit = 30): Stage => ({
  name: 'a',
  title: 'a stage',
  command: [process.execPath, '-e', script],
  limit,
  needsHost: false,
})

async function run(script: string, limit?: number) {
  const lines: string[] = []
  const count = await runStage(stage(script, limit), line => lines.push(line))
  return { ...count, text: lines.join('\n') }
}

t.test('a stage counts what tap sums up, over several summaries', async s => {
  const summaries = '# { total: 5, pass: 3, fail: 1, skip: 1 }\\n# { total: 2, pass: 2 }\\n'
  s.match(await run(`process.stdout.write('${summaries}')`), { passed: 5, failed: 1, skipped: 1 })
})

t.test('a stage that crashes, says nothing, cannot start or takes too long counts as one failure', async s => {
  const sum = `console.log('# { total: 2, pass: 2 }');`
  s.match(await run(`${sum} process.exit(3)`), { passed: 2, failed: 1, text: /FAILED {2}a stage: it ended with 3/ })
  s.match(await run(`${sum} process.kill(process.pid, 'SIGKILL')`), { failed: 1, text: /SIGKILL/ })
  s.match(await run(''), { passed: 0, failed: 1, text: /without a summary/ })
  s.match(await run(`${sum} setInterval(() => {}, 1000)`, 0.3), { failed: 1, text: /longer than 0.3 s/ })
  const missing = await runStage({ ...stage(''), command: ['/nowhere/program'] }, () => {})
  s.equal(missing.failed, 1)
})

t.test('of TAP only files, failures and skips are shown, and what is no TAP', async s => {
  const lines: string[] = []
  const reader = new TapReader(line => lines.push(line))
  const text = `TAP version 14
# Subtest: a.test.ts
    # Subtest: it works
        ok 1 - should be equal
        not ok 2 - sums
          ---
          diff: |
            -2
          ...
        1..2
    not ok 1 - it works # time=1ms
    ok 2 - not now # SKIP no root here
    not ok 3 - later # TODO
      ---
      at: nowhere
      ...
    1..3
not ok 1 - a.test.ts # time=12.5ms
  ---
  exitCode: 1
  ...
ok 2 - b.test.ts # time=2000.1ms
a figure of the run
1..2
# { total: 4, pass: 2, fail: 1, todo: 1 }`
  for (const line of text.split('\n')) reader.push(line)
  s.strictSame(lines, [
    'FAILED  a.test.ts > it works > sums',
    '          ---',
    '          diff: |',
    '            -2',
    '          ...',
    'FAILED  a.test.ts > it works',
    'skipped a.test.ts > not now: no root here',
    'skipped a.test.ts > later: no reason given',
    'FAILED  a.test.ts',
    'ok      b.test.ts (2.0 s)',
    'a figure of the run',
  ])
  s.strictSame(reader.count, { passed: 2, failed: 1, skipped: 1 })
})

t.test('files are described by the folder that they share, if any', async s => {
  s.equal(describe(['test/a/b.test.ts']), 'b.test.ts')
  s.equal(describe(['test/a/b.test.ts', 'test/a/c/d.test.ts']), '2 files of test/a')
  s.equal(describe(['apps/a/test/b.test.ts', 'packages/a/test/b.test.ts']), '2 files')
})

t.test('every test file is in exactly one stage', async s => {
  const named = plan().flatMap(({ command }) => command.filter(word => word.endsWith('.test.ts')))
  s.equal(new Set(named).size, named.length)
  for (const file of ['test/scripts/stages.test.ts', 'test/host/run.test.ts', 'test/host/pct.test.ts']) {
    s.ok(named.includes(file), file)
  }
  const inside = plan().find(({ title }) => title.startsWith('host:') && title.includes('throwaway'))
  s.ok(inside?.command.includes('test/host/pct.test.ts') && inside.needsHost)
  const asking = plan().find(({ command }) => command.includes('test/equivalence/sudo.test.ts'))
  s.ok(asking?.needsHost, 'asks whether it is on a host')
  s.notOk(inside?.command.includes('test/host/containment.test.ts'), 'it makes hosts itself')
})
