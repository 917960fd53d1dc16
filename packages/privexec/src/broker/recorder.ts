import { type AuditFacts, type AuditResult, denialRecord, intentRecord, outcomeRecord } from '../audit/record.ts'
import type { AuditLog } from '../audit/writer.ts'
import { isPrivexecError, PrivexecError } from '../errors/error.ts'
import type { Performed } from './broker.ts'

/** Writes the records of operations. */
export interface Recorder {
  /** Returns when the record is durable; rejects with `PRIVEXEC_AUDIT_UNAVAILABLE`, and then nothing may run. */
  intent(facts: AuditFacts): Promise<void>
  /** Rejects when the outcome could not be written; the error has the fields of the result. */
  outcome(facts: AuditFacts, performed: Performed): Promise<void>
  denial(facts: AuditFacts, error: PrivexecError): Promise<void>
  close(): Promise<void>
}

const nothing = async () => {}

/** Records nothing: root does, or this is a test. */
export const silentRecorder: Recorder = { intent: nothing, outcome: nothing, denial: nothing, close: nothing }

/** Records into an audit file. */
export function recorderOf(log: AuditLog): Recorder {
  return {
    intent: async facts => {
      await log.append(intentRecord(facts), { until: 'durable' })
    },
    outcome: async (facts, performed) => {
      try {
        await log.append(outcomeRecord(facts, auditResult(performed)), { until: 'written' })
      } catch (cause) {
        const message = `${facts.command} was carried out, but its outcome could not be recorded`
        throw new PrivexecError('PRIVEXEC_AUDIT_UNAVAILABLE', message, { ...pick(performed.result), cause })
      }
    },
    denial: async (facts, error) => {
      await log.append(denialRecord(facts, error), { until: 'written' })
    },
    close: () => log.close(),
  }
}

function auditResult({ result, execution, duration }: Performed): AuditResult {
  const isError = isPrivexecError(result)
  const isLost = isError && result.isLost
  return {
    outcome: isError ? (isLost ? 'unknown' : 'failure') : 'success',
    code: isError ? result.code : undefined,
    exitCode: result.exitCode,
    signal: isError ? result.signal : undefined,
    durationMs: duration,
    stdoutBytes: execution?.stdout.bytes ?? 0,
    stderrBytes: execution?.stderr.bytes ?? 0,
    truncated: execution?.interruption === 'outputLimited' ? true : undefined,
    ended: execution?.ended,
  }
}

const pick = (from: Partial<PrivexecError>) => {
  const { command, operation, argv, exitCode, signal, stdout, stderr, duration, ended } = from
  const all = { command, operation, argv, exitCode, signal, stdout, stderr, duration, ended }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
