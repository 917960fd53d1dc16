import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stagingDirectory } from '../../argument/staged-content.ts'
import { type AuditResult, outcomeRecord } from '../../audit/record.ts'
import { verifyAudit } from '../../audit/verify.ts'
import type { AuditLog } from '../../audit/writer.ts'
import type { Policy } from '../../policy/policy.ts'
import { ask } from '../../transport/ask.ts'
import { endOperation } from '../../transport/sudo/paths.ts'

/** Says that a process of root serves the policy and was not ended in good order; beside the audit file, so root's. */
const runFile = (audit: string): string => join(dirname(audit), 'unclean')

/** Marks the beginning; what it returns marks the end in good order. */
export function markRunning(audit: string): () => void {
  const file = runFile(audit)
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 })
  return () => rmSync(file, { force: true })
}

/**
 * Puts in order what an earlier process left when it was killed: everything that it had started is ended, and each
 * operation without an outcome gets one that says so. Returns how many there were.
 */
export async function recover(policy: Policy, log: AuditLog): Promise<number> {
  if (!existsSync(runFile(log.file))) return 0
  const { succeeded: ended } = await ask(endOperation, ['--policy', policy.name])
  clearSpool(stagingDirectory(policy.name))
  const { unfinished } = await verifyAudit(log.file)
  for (const { operation, command } of unfinished) {
    const facts = {
      operation,
      command,
      policy,
      transport: policy.transport,
      principal: { uid: 0, name: 'root' },
      labels: { recovered: true },
    }
    const nothing = { durationMs: 0, stdoutBytes: 0, stderrBytes: 0 }
    const result: AuditResult = { outcome: 'unknown', code: 'PRIVEXEC_STATUS_LOST', ...nothing, ended }
    await log.append(outcomeRecord(facts, result), { until: 'durable' })
  }
  return unfinished.length
}

/** Content that was on its way is nobody's any more, and may be a secret. */
function clearSpool(directory: string): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) if (/^[0-9a-f]{32}$/.test(name)) rmSync(join(directory, name))
}
