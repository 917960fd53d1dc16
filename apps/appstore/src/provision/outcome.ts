import { escapeValue } from '@broker/privexec'
import { AppstoreError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/registry.ts'
import type { ExecResult } from './door.ts'
import type { ProvisionEvent } from './events.ts'

type ErrorEvent = Extract<ProvisionEvent, { kind: 'error' }>
type DoneEvent = Extract<ProvisionEvent, { kind: 'done' }>

/** What a run told about its end. */
export interface Ending {
  readonly error?: ErrorEvent | undefined
  readonly done?: DoneEvent | undefined
}

const codes: Readonly<Record<ErrorEvent['code'], ErrorCode>> = {
  permission: 'APPSTORE_PERMISSION_UNDECLARED',
  script: 'APPSTORE_PROVISION_FAILED',
  request: 'APPSTORE_PROVISION_FAILED',
  unhealthy: 'APPSTORE_HEALTH_FAILED',
  timeout: 'APPSTORE_TIMED_OUT',
  cancelled: 'APPSTORE_CANCELLED',
}

/**
 * The error of a run, or undefined when it succeeded: when the program ended with 0, and said itself that it was done. Only
 * both together count; a lost status, or a stream that broke off, is a failure.
 */
export function failureOf(app: string, action: string, run: ExecResult, ending: Ending): AppstoreError | undefined {
  const { error, done } = ending
  if (run.exitCode === 0 && done?.ok === true && error === undefined) return undefined
  const where = `${app}: ${action}`
  const details = { exitCode: run.exitCode, stderr: run.stderr.slice(-4000) }
  if (error !== undefined && run.exitCode !== 0) {
    return new AppstoreError(codes[error.code], `${where} failed: ${escapeValue(error.message, 500)}`, details)
  }
  const why =
    run.exitCode !== 0
      ? `it ended with ${run.exitCode}${run.stderr.trim() === '' ? '' : `: ${escapeValue(lastWords(run.stderr), 300)}`}`
      : 'what it told of its end does not fit its exit status'
  return new AppstoreError('APPSTORE_PROVISION_FAILED', `${where} failed: ${why}`, details)
}

const lastWords = (text: string): string => text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? ''
