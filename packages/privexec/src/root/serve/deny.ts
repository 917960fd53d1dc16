import { randomUUID } from 'node:crypto'
import type { AuditFacts } from '../../audit/record.ts'
import { isPrivexecError, PrivexecError } from '../../errors/error.ts'
import { Rate } from '../admit/rate.ts'
import type { Asker, Service } from './service.ts'

/** Name under which a request that did not become an operation is recorded. */
export const requestAction = 'broker.request'

/** Records of refusals that cost the sender nothing: so many at once, and one more each second. */
const recordsPerMinute = 60

/** Whoever can fill root's disk with refusals could end all recording, so what is more than that is counted. */
const lately = new WeakMap<object, { readonly rate: Rate; count: number }>()

/**
 * Records that something did not become an operation, with the number of those since the last record. Returns the id
 * that stands in the record; undefined when there is none of this one. Never rejects.
 */
export async function recordRefusal(service: Service, asker: Asker, cause: unknown): Promise<string | undefined> {
  const { policy, transport, recorder, logger } = service
  const { uid, name, pid } = asker
  const error = isPrivexecError(cause)
    ? cause
    : new PrivexecError('PRIVEXEC_STATUS_LOST', 'The root-side broker failed', { cause })
  const now = performance.now()
  const seen = lately.get(policy) ?? { rate: new Rate(recordsPerMinute, now), count: 0 }
  lately.set(policy, seen)
  seen.count += 1
  if (!seen.rate.take(now)) return undefined
  const operation = randomUUID().replaceAll('-', '')
  const refusals = seen.count
  seen.count = 0
  const trace = isPrivexecError(cause) ? undefined : (cause as Error | undefined)?.stack
  logger.warn({ operation, code: error.code, reason: error.message, uid, pid, refusals, trace }, 'request refused')
  const facts: AuditFacts = {
    operation,
    command: requestAction,
    policy: { name: policy.name, hash: policy.hash },
    transport: transport.name,
    principal: { uid, name, ...(pid === undefined ? {} : { pid }) },
    labels: { refusals },
  }
  return recorder.denial(facts, error).then(
    () => operation,
    () => undefined,
  )
}
