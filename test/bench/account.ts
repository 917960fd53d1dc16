import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createBroker } from '../../packages/privexec/src/index.ts'
import { auditRates } from './cases/audit.ts'
import { memoryUnderFlood } from './cases/flood.ts'
import { importTime } from './cases/import.ts'
import { overhead } from './cases/overhead.ts'
import { openWays, rootSide } from './cases/root-side.ts'
import { validation } from './cases/validation.ts'
import { describe, type Figure } from './figure.ts'
import { benchPolicy } from './policy.ts'

// All cases, one after the other in one process, as the unprivileged account in its read-only namespace. Figures go to
// stdout: as text when they are there, or with --json as one array at the end.

const isJson = process.argv.includes('--json')
const isQuick = process.argv.includes('--quick')
const chosen = process.argv
  .find(option => option.startsWith('--only='))
  ?.slice(7)
  .split(',')
const scaled = (full: number, quick: number): number => (isQuick ? quick : full)

const policy = await benchPolicy()
const broker = await createBroker({ policy })
const library = join(import.meta.dirname, '../../packages/privexec/dist/index.js')
const auditFile = join(dirname(policy.audit.file), 'rate.jsonl')

const cases: Readonly<Record<string, () => Iterable<Figure | Promise<Figure>> | AsyncIterable<Figure>>> = {
  overhead: () => [overhead(broker, 'true below nsenter', scaled(400, 10))],
  zfs: () => [overhead(broker, 'zfs.mount and zfs.unmount', scaled(100, 5))],
  // Fast and slow ways take turns, so that whatever the machine does meets all of them.
  root: async function* () {
    const ways = await openWays(broker)
    for (const name of ['bench.bare', 'bench.nothing'] as const) {
      yield* await rootSide(ways, name, scaled(300, 5), 0)
      yield* await rootSide(ways, name, scaled(100, 5), 30)
    }
    await ways.close()
  },
  validation: () => [validation(broker, scaled(200, 20))],
  audit: () => auditRates(auditFile, scaled(20_000, 500)),
  import: () => [importTime(library, scaled(100, 5))],
  flood: () => [memoryUnderFlood(broker, scaled(1024, 64))],
  pct: () => {
    // A real-time process cannot enter the control group of a container.
    spawnSync('chrt', ['--other', '--pid', '0', String(process.pid)], { stdio: 'ignore' })
    return [overhead(broker, 'pct.exec true', scaled(100, 5))]
  },
}

const figures: Figure[] = []
for (const name of chosen ?? Object.keys(cases)) {
  for await (const figure of cases[name]?.() ?? []) {
    figures.push(figure)
    if (!isJson) console.log(describe([figure]))
  }
}
await broker.close()
if (isJson) console.log(JSON.stringify(figures))
