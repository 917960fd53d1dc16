import { escapeValue } from '@broker/privexec/escape'
import { ProxmoxError } from '../errors/error.ts'
import { recognise } from '../errors/recognise.ts'
import type { Upid } from '../values/upid.ts'

/** How a task ended. */
export type TaskResult = { readonly upid: Upid; readonly exitStatus: string; readonly log: readonly string[] } & (
  | { readonly state: 'ok' }
  /** Done; the log says what Proxmox warns of. */
  | { readonly state: 'warnings'; readonly warnings: number }
  | { readonly state: 'failed' }
  /** Proxmox found no end in the task's log: the node was restarted, or the worker was killed. */
  | { readonly state: 'unknown' }
)

/** Texts of PVE::UPID for a log without an end. */
const withoutEnd = /^(?:unexpected status|unable to (?:extract last line|read tail|open file|get last line)\b.*)?$/

/** Reads an exit status; `log` are the last lines of the task's log. */
export function taskResult(upid: Upid, exitStatus: string, log: readonly string[]): TaskResult {
  const told = { upid, exitStatus, log }
  if (exitStatus === 'OK') return { ...told, state: 'ok' }
  const [, warnings] = /^WARNINGS: (\d+)$/.exec(exitStatus) ?? []
  if (warnings !== undefined) return { ...told, state: 'warnings', warnings: Number(warnings) }
  return { ...told, state: withoutEnd.test(exitStatus) ? 'unknown' : 'failed' }
}

/** The error of a task that did not end well. Its text is recognised like that of a refused request. */
export function taskError({ upid, exitStatus, log, state }: TaskResult): ProxmoxError {
  const shown = escapeValue(exitStatus, 400)
  if (state === 'unknown') {
    return new ProxmoxError('PROXMOX_TASK_UNKNOWN', `${upid}: ${shown}`, { upid, log, mayHaveRun: true })
  }
  const known = recognise(exitStatus)
  return new ProxmoxError(known?.code ?? 'PROXMOX_TASK_FAILED', `${upid}: ${shown}`, {
    upid,
    log,
    answer: exitStatus,
    mayHaveRun: true,
    ...(known?.subject && { subject: known.subject }),
  })
}
