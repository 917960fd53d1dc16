import { randomUUID } from 'node:crypto'
import type { AuditFacts } from '../../audit/record.ts'
import { isPrivexecError, PrivexecError } from '../../errors/error.ts'
import type { Asker, Service } from './service.ts'

/** Name under which a request that did not become an operation is recorded. */
export const requestAction = 'broker.request'

/** Milliseconds between two records of refusals that cost the sender nothing. */
const recordInterval = 1000

/** Whoever can fill root's disk with refusals could end all recording, so those that are cheap are counted. */
const lately = new WeakMap<object, { at: number; count: number }>()

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
  const seen = lately.get(policy) ?? { at: Number.NEGATIVE_INFINITY, count: 0 }
  lately.set(policy, seen)
  seen.count += 1
  if (now - seen.at < recordInterval) return undefined
  const operation = randomUUID().replaceAll('-', '')
  const refusals = seen.count
  seen.at = now
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
