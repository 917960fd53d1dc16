import { dirname, join } from 'node:path'
import { createBroker } from '../../packages/privexec/src/index.ts'
import { auditRate } from './cases/audit.ts'
import { memoryUnderFlood } from './cases/flood.ts'
import { importTime } from './cases/import.ts'
import { overhead } from './cases/overhead.ts'
import { validation } from './cases/validation.ts'
import { describe, type Figure } from './figure.ts'
import { benchPolicy } from './policy.ts'

// All cases, one after the other in one process, as the unprivileged account in its read-only namespace. Figures go to
// stdout: as text when they are there, or with --json as one array at the end.

const isJson = process.argv.includes('--json')
const isQuick = process.argv.includes('--quick')
const scaled = (full: number, quick: number): number => (isQuick ? quick : full)

const policy = await benchPolicy()
const broker = await createBroker({ policy })
const library = join(import.meta.dirname, '../../packages/privexec/dist/index.js')
const auditFile = join(dirname(policy.audit.file), 'rate.jsonl')

const figures: Figure[] = []
const add = (figure: Figure): void => {
  figures.push(figure)
  if (!isJson) console.log(describe([figure]))
}

for await (const figure of overhead(broker, { warmUp: scaled(20, 2), first: scaled(400, 10), others: scaled(60, 3) }))
  add(figure)
add(validation(broker, scaled(200, 20)))
for (const inFlight of [1, 16, 64])
  add(await auditRate(auditFile, inFlight, scaled(inFlight === 1 ? 1000 : 20_000, 500)))
add(await importTime(library, scaled(100, 5)))
add(await memoryUnderFlood(broker, scaled(1024, 64)))
await broker.close()
if (isJson) console.log(JSON.stringify(figures))
