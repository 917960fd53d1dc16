import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { insideHost } from '../host/prepare.ts'
import { instrument, type Mutant } from './instrument.ts'
import { type Runner, startRunner } from './runner.ts'

// node test/host/run.ts -- node test/mutation/run.ts [--json] [--every N] [--own] [--units] [FOLDER...]
// Changes the library's sources in one place at a time and looks whether a unit test notices. Prints the score of each
// folder, and what survived; exit status 1 when something did. A FOLDER may be a file, without its ending: root/tree.
// With --own, only tests of the same folder are run, those of `root` for root/tree, and those of the host; with --units,
// those of the host are not.

const root = join(import.meta.dirname, '../..')

/** Folders of definition, decision and root's side. */
const usual = ['pattern', 'argument', 'command', 'catalogue', 'policy', 'decide', 'guard', 'wire', 'root']

/** Folders whose tests reach those too. */
const near = ['render', 'transport', 'broker', 'execute', 'staging']

/** Tests that need the whole host to themselves, and leave traces in their process. */
const onHost = ['test/root/{tree,inside,inside-once,inside-start}.test.ts']
const isOnHost = (file: string): boolean => file.startsWith('test/root/')

// A change may well be one that ends the wrong processes.
if (!insideHost()) throw new Error('needs the throwaway host: node test/host/run.ts -- node test/mutation/run.ts')

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    own: { type: 'boolean', default: false },
    units: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})
const folders = positionals.length > 0 ? positionals : usual
const target = mkdtempSync(join(tmpdir(), 'mutation-'))
process.on('exit', () => rmSync(target, { recursive: true, force: true }))

/** Milliseconds that a test file may take; one that takes longer has noticed something. */
const longest = 30_000

type Verdict = 'killed' | 'survived' | 'uncovered'

async function main(): Promise<number> {
  const all = await instrument(
    folders.map(folder => `packages/privexec/src/${folder}{.ts,/**/*.ts}`),
    target,
  )
  const mutants = all.filter((_mutant, index) => index % Number(values.every) === 0)
  const testFolders = values.own ? folders.map(folder => folder.split('/')[0]) : [...usual, ...near]
  const tests = globSync([`packages/privexec/test/{${testFolders},_}/**/*.test.ts`, ...(values.units ? [] : onHost)], {
    cwd: root,
  }).sort()
  // Much of the time is spent waiting: for programs, and for what a change has stopped from ever happening.
  const runners = await Promise.all(Array.from({ length: 2 * availableParallelism() }, () => startRunner(target)))
  const coverage = await coverageOf(runners, tests)
  const verdicts = new Map<Mutant, Verdict>()
  await share(runners, mutants, async (runner, mutant) => {
    const reaching = reachingOf(mutant, coverage)
    const killed = await noticed(runner, mutant, reaching)
    verdicts.set(mutant, reaching.length === 0 ? 'uncovered' : killed ? 'killed' : 'survived')
    if (verdicts.get(mutant) === 'survived') process.stderr.write(`${lineOf(mutant)}\n`)
    if (verdicts.size % 50 === 0) process.stderr.write(`${verdicts.size} of ${mutants.length}\n`)
  })
  for (const runner of runners) runner.stop()
  report(verdicts)
  return [...verdicts.values()].includes('survived') ? 1 : 0
}

interface Covered {
  readonly file: string
  readonly mutants: ReadonlySet<string>
  /** Milliseconds. */
  readonly time: number
}

/** What each test file reaches without a change; one that fails like this is left out. */
async function coverageOf(runners: readonly Runner[], tests: readonly string[]): Promise<Covered[]> {
  const found: Covered[] = []
  await share(runners, tests, async (runner, file) => {
    const began = performance.now()
    const covered = await withHost(runner, file, () => runner.covers(join(root, file), longest))
    const time = performance.now() - began
    if (covered) found.push({ file, mutants: new Set(covered), time })
    else process.stderr.write(`left out, since it fails within this process: ${file}\n`)
  })
  return found
}

let hostIsFree: Promise<unknown> = Promise.resolve()

/** Runs a test file, and one that needs the host after the others that do. */
async function withHost<T>(runner: Runner, file: string, run: () => Promise<T>): Promise<T> {
  if (!isOnHost(file)) return run()
  const done = hostIsFree.then(run).finally(runner.renew)
  hostIsFree = done
  return done
}

/** Whether any of these test files fails with a mutant. */
async function noticed(runner: Runner, { id }: Mutant, reaching: readonly Covered[]): Promise<boolean> {
  for (const { file, time } of reaching) {
    const limit = Math.min(longest, 5000 + 10 * time)
    const notice = () => runner.notices(id, join(root, file), limit, isOnHost(file))
    if (await withHost(runner, file, notice)) return true
  }
  return false
}

/** Test files that reach a mutant: the one that mirrors the source first, then the fastest. */
function reachingOf({ id, file }: Mutant, coverage: readonly Covered[]): Covered[] {
  const mirror = file.replace('/src/', '/test/').replace(/\.ts$/, '.test.ts')
  const rank = (each: Covered) =>
    each.file === mirror ? 0 : dirname(each.file) === dirname(mirror) ? each.time : 100_000 + each.time
  return coverage.filter(({ mutants }) => mutants.has(id)).sort((a, b) => rank(a) - rank(b))
}

/** Hands the items out to the runners, each as it becomes free. */
async function share<T>(
  runners: readonly Runner[],
  items: readonly T[],
  work: (runner: Runner, item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  await Promise.all(
    runners.map(async runner => {
      for (const item of queue) await work(runner, item)
    }),
  )
}

const lineOf = ({ file, line, mutator, replacement }: Mutant): string => `${file}:${line}: ${mutator}: ${replacement}`

function report(verdicts: ReadonlyMap<Mutant, Verdict>): void {
  const all = [...verdicts]
  const folderOf = ({ file }: Mutant) => file.split('/').slice(3, -1).join('/')
  const rows = [...new Set(all.map(([mutant]) => folderOf(mutant)))].sort().map(folder => {
    const count = (verdict: Verdict) =>
      all.filter(([mutant, each]) => folderOf(mutant) === folder && each === verdict).length
    const [killed, survived, uncovered] = [count('killed'), count('survived'), count('uncovered')]
    return { folder, killed, survived, uncovered, score: Math.round((1000 * killed) / (killed + survived || 1)) / 10 }
  })
  const left = all.filter(([, verdict]) => verdict === 'survived').map(([mutant]) => mutant)
  const unseen = all.filter(([, verdict]) => verdict === 'uncovered').map(([mutant]) => mutant)
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ rows, survived: left, uncovered: unseen }, null, 1)}\n`)
    return
  }
  for (const mutant of left) process.stdout.write(`${lineOf(mutant)}\n`)
  for (const { folder, killed, survived, uncovered, score } of rows) {
    process.stdout.write(`${folder}: ${score} % (${killed} killed, ${survived} survived, ${uncovered} not reached)\n`)
  }
}

process.exitCode = await main()
