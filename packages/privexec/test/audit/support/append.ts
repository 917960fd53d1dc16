// A process that appends to an audit file: <file> <maxBytes> <records>. Prints the sequence of each durable record.
import { intentRecord } from '../../../src/audit/record.ts'
import { openAudit } from '../../../src/audit/writer.ts'
import { facts } from './samples.ts'

const [file = '', maxBytes, count] = process.argv.slice(2)
const log = await openAudit({ file, maxBytes: Number(maxBytes) })
const lane = async (): Promise<void> => {
  for (let done = 0; done < Number(count); done += 1) {
    const { sequence } = await log.append(intentRecord(facts()), { until: 'durable' })
    process.stdout.write(`${sequence}\n`)
  }
}
await Promise.all([lane(), lane(), lane()])
await log.close()
