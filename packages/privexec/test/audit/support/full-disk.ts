// A process that has a small file system of its own at <folder>, and fills it. Prints what each append came to.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { denialRecord, intentRecord, outcomeRecord } from '../../../src/audit/record.ts'
import { verifyAudit } from '../../../src/audit/verify.ts'
import { openAudit } from '../../../src/audit/writer.ts'
import { PrivexecError } from '../../../src/errors/error.ts'
import { facts, success } from './samples.ts'

const [folder = ''] = process.argv.slice(2)
const file = `${folder}/audit.jsonl`
const log = await openAudit({ file })
const attempt = async (action: Promise<unknown>): Promise<string> => {
  try {
    await action
    return 'appended'
  } catch (error) {
    return (error as PrivexecError).code
  }
}
const fill = (): void => {
  const fd = openSync(`${folder}/filler`, 'a')
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096))
  } catch {
    closeSync(fd)
  }
}
const running = facts()
const refused = new PrivexecError('PRIVEXEC_AUDIT_UNAVAILABLE', 'no space')
const before = await attempt(log.append(intentRecord(running), { until: 'durable' }))
fill()
// What is left of the last block of the audit file may take some more intents.
const intents: string[] = []
for (let i = 0; i < 16; i += 1) intents.push(await attempt(log.append(intentRecord(facts()), { until: 'durable' })))
const outcome = await attempt(log.append(outcomeRecord(running, success), { until: 'durable' }))
const denials: string[] = []
for (let i = 0; i < 40; i += 1)
  denials.push(await attempt(log.append(denialRecord(facts(), refused), { until: 'written' })))
const still = await attempt(log.append(intentRecord(facts()), { until: 'durable' }))
const fullIsValid = (await verifyAudit(file)).ok
rmSync(`${folder}/filler`)
const after = await attempt(log.append(intentRecord(facts()), { until: 'durable' }))
await log.close()
const { ok, unfinishedCount } = await verifyAudit(file)
console.log(
  JSON.stringify({
    before,
    lastIntent: intents.at(-1),
    outcome,
    denials: [...new Set(denials)],
    still,
    fullIsValid,
    after,
    ok,
    unfinishedCount,
    appended: intents.filter(code => code === 'appended').length,
  }),
)
