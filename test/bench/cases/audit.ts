import { type AuditFacts, intentRecord } from '../../../packages/privexec/src/audit/record.ts'
import { openAudit } from '../../../packages/privexec/src/audit/writer.ts'
import type { Figure } from '../figure.ts'

const facts: AuditFacts = {
  operation: '0123456789abcdef0123456789abcdef',
  command: 'pct.exec',
  policy: { name: 'bench', hash: '0'.repeat(64) },
  transport: 'sudo',
  principal: { uid: 999, name: 'appstore' },
  argv: [
    '/usr/bin/nsenter',
    '--mount=/proc/1/ns/mnt',
    '--',
    '/usr/sbin/pct',
    'exec',
    '20001',
    '--',
    'apt-get',
    'update',
  ],
  labels: { vmid: 20001 },
}

/** Rates with one, some and many operations at a time; a group of them shares one sync of the disk. */
export function* auditRates(file: string, records: number): Generator<Promise<Figure>> {
  yield auditRate(file, 1, records / 20)
  yield auditRate(file, 16, records)
  yield auditRate(file, 64, records)
}

/** Records per second, each durable before its operation goes on, with `inFlight` operations at a time. */
async function auditRate(file: string, inFlight: number, records: number): Promise<Figure> {
  const log = await openAudit({ file })
  let left = records
  const operation = async () => {
    while (left-- > 0) await log.append(intentRecord(facts), { until: 'durable' })
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: inFlight }, operation))
  const value = (1000 * records) / (performance.now() - began)
  await log.close()
  const target = inFlight >= 64 ? { target: { atLeast: 5000 } } : {}
  return { name: `durable audit records, ${inFlight} operations in flight`, value, unit: '/s', ...target }
}
