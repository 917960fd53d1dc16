import { randomBytes } from 'node:crypto'
import type { AuditFacts, AuditResult } from '../../../src/audit/record.ts'

/** Facts of an operation with an id of its own. */
export function facts(change: Partial<AuditFacts> = {}): AuditFacts {
  const operation = change.operation ?? randomBytes(16).toString('hex')
  return {
    operation,
    command: 'pct.exec',
    policy: { name: 'appstore', hash: 'f'.repeat(64) },
    transport: 'sudo',
    principal: { uid: 995, name: 'appstore' },
    argv: argvOf(operation, 'id'),
    labels: { vmid: 20001 },
    ...change,
  }
}

/** What root gets for `pct.exec`. */
export const argvOf = (operation: string, ...command: string[]): string[] => [
  ...['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--', '/usr/sbin/pct', 'exec', '20001', '--keep-env', '0', '--'],
  ...['/usr/bin/env', `PRIVEXEC_OPERATION=appstore-${operation}`, ...command],
]

export const success: AuditResult = {
  outcome: 'success',
  exitCode: 0,
  durationMs: 12.5,
  stdoutBytes: 3,
  stderrBytes: 0,
}
