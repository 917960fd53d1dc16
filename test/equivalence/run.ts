import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hostMissing } from '../host/run.ts'
import { automatonOfRule, onlyIn } from './automata.ts'
import { type Comparison, compare } from './compare.ts'
import { compareRoot, type RootComparison } from './compare-root.ts'
import { joinedLanguage, meanings } from './meaning.ts'
import { hasCompiler, matcher } from './oracle.ts'
import { rootPolicyText, rootSide } from './root-side.ts'
import { compared, rulesIn } from './rules.ts'
import { compareValidator } from './validator.ts'

/*
 * Shows that library, root-side broker and rendered sudoers rules allow the same, by automata, by the C library's matcher,
 * and by the real sudo: node test/equivalence/run.ts [--runs N] [--matcher N] [--root N] [--root-runs N] [--seed N]. The
 * first two are numbers per command, the others of requests for all policies together; 0 leaves a way out. Exit status 1
 * when anything differs.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    matcher: { type: 'string', default: '100000' },
    root: { type: 'string', default: '20000' },
    'root-runs': { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
})
const [runs, texts, seed] = [values.runs, values.matcher, values.seed].map(Number) as [number, number, number]
/** Requests of each policy: to the C library's matcher, and to sudo. */
const [requests, rootRuns] = [values.root, values['root-runs']].map(n => Math.ceil(Number(n) / compared.length)) as [
  number,
  number,
]
let differences = 0

const say = (line: string) => process.stdout.write(`${line}\n`)
const numeral = new Intl.NumberFormat('en')

function report(way: string, { grant, asked, allowed, moved, disagreements, seconds, examples }: Comparison) {
  const figures = [asked, allowed, moved].map(figure => numeral.format(figure))
  say(
    `${way.padEnd(10)} ${grant.padEnd(18)} ${figures.map(figure => figure.padStart(10)).join(' ')} ${String(disagreements).padStart(9)}  ${seconds.toFixed(1)} s`,
  )
  for (const example of examples) say(`  ${JSON.stringify(example)}`)
  differences += disagreements
}

say('automata: texts that only one of rendered rule and documented meaning has')
for (const { sudoers } of compared) {
  for (const [grant, rule] of rulesIn(sudoers)) {
    const meaning = () => joinedLanguage(meanings[grant] ?? []).automaton()
    const found = [onlyIn(automatonOfRule(rule), meaning()), onlyIn(meaning(), automatonOfRule(rule))]
    say(`  ${grant.padEnd(18)} ${found.map(text => (text === undefined ? 'none' : JSON.stringify(text))).join(', ')}`)
    differences += found.filter(text => text !== undefined).length
  }
}

say(`\n${'way'.padEnd(10)} ${'grant'.padEnd(18)}      asked    allowed      moved differing  (seed ${seed})`)
if (texts > 0 && hasCompiler()) {
  for (const { policy, sudoers } of compared) {
    const rules = [...rulesIn(sudoers).values()]
    for (const { id } of policy.grants) {
      report('C library', await compare(policy, id, texts, matcher(rules), seed))
      report('validator', await compareValidator(policy, id, Math.ceil(texts / 10), matcher(rules), seed))
    }
  }
} else say('C library  left out: needs cc, and --matcher above 0')

const missing = hostMissing()
if (runs > 0 && missing === undefined) {
  for (const found of inHost<Comparison>('argvs', runs)) report('sudo', found)
} else say(`sudo       left out: ${missing ?? '--runs 0'}`)

say(`\n${'way'.padEnd(10)} policy        asked    allowed   stricter    spelled      moved differing`)
if (requests > 0 && hasCompiler()) {
  for (const each of compared) {
    const { policy, sudoers } = each
    const side = rootSide(await rootPolicyText(each))
    reportRoot('C library', await compareRoot(policy, side, requests, matcher([...rulesIn(sudoers).values()]), seed))
  }
} else say('C library  left out: needs cc, and --root above 0')
if (rootRuns > 0 && missing === undefined) {
  for (const found of inHost<RootComparison>('root', rootRuns)) reportRoot('sudo', found)
} else say(`sudo       left out: ${missing ?? '--root-runs 0'}`)

function inHost<T>(way: string, count: number): T[] {
  const [host, script] = [join(import.meta.dirname, '../host/run.ts'), join(import.meta.dirname, 'in-host.ts')]
  const command = [host, '--', process.execPath, script, way, String(count), String(seed)]
  const done = spawnSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (done.status !== 0) throw new Error(`the throwaway host ended with ${done.status}`)
  return JSON.parse(done.stdout) as T[]
}

function reportRoot(way: string, found: RootComparison) {
  const { policy, asked, allowed, stricter, spelled, moved, disagreements, seconds, examples } = found
  const figures = [asked, allowed, stricter, spelled, moved].map(figure => numeral.format(figure).padStart(10))
  say(
    `${way.padEnd(10)} ${policy.padEnd(8)} ${figures.join(' ')} ${String(disagreements).padStart(9)}  ${seconds.toFixed(1)} s`,
  )
  for (const example of examples) say(`  ${JSON.stringify(example)}`)
  differences += disagreements
}

say(`\nmoved: sudo joins arguments with blanks, so it allows a legal argv with its boundaries elsewhere too.
stricter: bytes that root's side does not take, though a lenient reader sees a legal request in them.
spelled: requests that have an argv at all; sudo is asked about those.`)
process.exitCode = differences > 0 ? 1 : 0
