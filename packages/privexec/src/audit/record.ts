import { hash } from 'node:crypto'
import type { PrivexecError } from '../errors/error.ts'
import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import { bootId } from './boot.ts'
import { boundArguments, boundText } from './text.ts'

/** What is known of an operation before it runs. Every string may come from a stranger. */
export interface AuditFacts {
  /** Operation id, 32 lower-case hex characters. */
  readonly operation: string
  /** Command of the catalogue: `pct.exec`. */
  readonly command: string
  readonly policy: { readonly name: string; readonly hash: string }
  readonly transport: string
  /** The account that asks. */
  readonly principal: {
    readonly uid: number
    readonly name: string
    /** Process id of the one who asks, where it is not this process. */
    readonly pid?: number
  }
  /** As root gets it, program first; absent when the input was refused before an argv existed. */
  readonly argv?: readonly string[] | undefined
  /** What the operation is done to; `vmid` is shown as `container.id` too. Names are `[a-z][a-z0-9_]*`. */
  readonly labels?: Readonly<Record<string, string | number | boolean>> | undefined
  /** The person on whose behalf the account asks, such as the user of a web page. */
  readonly caller?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined
}

/** How an operation ended. */
export interface AuditResult {
  readonly outcome: 'success' | 'failure' | 'unknown'
  readonly code?: ErrorCode | undefined
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  /** Wall time in milliseconds. */
  readonly durationMs: number
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** True when output was dropped at the limit. */
  readonly truncated?: boolean | undefined
  /** False when something that root started may still be running. */
  readonly ended?: boolean | undefined
}

type Labels = Record<string, string | number | boolean | undefined>

/**
 * One record under the field names of the Elastic Common Schema; `event` comes first, the writer relies on it. Fields
 * that are undefined are not written: a record is built on the way of every operation, and this is the cheapest form.
 */
export interface AuditRecord {
  readonly event: {
    readonly id: string
    readonly action: string
    readonly kind: 'event'
    readonly category: readonly string[]
    readonly type: readonly string[]
    readonly outcome: 'success' | 'failure' | 'unknown'
    readonly code: string
    readonly reason?: string | undefined
    /** Nanoseconds. */
    readonly duration?: number | undefined
  }
  readonly '@timestamp': string
  readonly user?: { readonly id: string; readonly name: string; readonly effective: { readonly id: string } }
  readonly client?:
    | { readonly user: { readonly id?: string | undefined; readonly name?: string | undefined } }
    | undefined
  readonly process?: {
    readonly executable?: string | undefined
    readonly args?: readonly string[] | undefined
    readonly args_count?: number | undefined
    readonly working_directory?: string
    readonly exit_code?: number | undefined
    /** The process that asks, not the one that root starts: that has no id yet when the intent is written. */
    readonly parent?: { readonly pid: number }
  }
  readonly container?: { readonly id: string } | undefined
  readonly labels?: Labels
  readonly rule?: { readonly id: string; readonly ruleset: string }
  readonly host: { readonly boot: { readonly id: string } }
  readonly service: { readonly name: 'privexec' }
  readonly ecs: { readonly version: '9.0.0' }
}

/** Code of an intent, and of an outcome without an error. */
export const intentCode = 'PRIVEXEC_INTENT'
export const successCode = 'PRIVEXEC_OK'

const category = ['process', 'iam'] as const
const maxLabels = 32
const labelName = /^[a-z][a-z0-9_]{0,63}$/

/** What names an argv exactly, even where its text was cut: SHA-256 of its JSON, hex. Lone surrogates as execve gets them. */
export const argvHash = (argv: readonly string[]): string =>
  hash('sha256', JSON.stringify(argv.map(value => value.toWellFormed())), 'hex')

/** The fields that every record has after `event`. */
export const surroundings = () =>
  ({
    '@timestamp': new Date().toISOString(),
    host: { boot: { id: bootId() } },
    service: { name: 'privexec' },
    ecs: { version: '9.0.0' },
  }) as const

/** The record that must be durable before anything runs. */
export function intentRecord(facts: AuditFacts): AuditRecord {
  return build(facts, { type: ['allowed', 'start'], outcome: 'unknown', code: intentCode }, labelsOf(facts))
}

/** The record of how an operation ended, under the id of its intent. */
export function outcomeRecord(facts: AuditFacts, result: AuditResult): AuditRecord {
  const { outcome, code, signal } = result
  const reason = code && errorRegistry[code].summary
  const duration = Math.max(0, Math.round(result.durationMs * 1e6))
  const labels = labelsOf(facts)
  labels.stdout_bytes = result.stdoutBytes
  labels.stderr_bytes = result.stderrBytes
  labels.signal = signal && boundText(signal, 32)
  labels.output_truncated = result.truncated
  labels.ended = result.ended
  const event = { type: ['end'], outcome, code: code ?? successCode, reason, duration }
  return build(facts, event, labels, result.exitCode)
}

/** The one record of an operation that was refused: nothing ran. */
export function denialRecord(facts: AuditFacts, error: PrivexecError): AuditRecord {
  const labels = labelsOf(facts)
  labels.field = error.field && boundText(error.field, 256)
  labels.guard = guardReason(error)
  const event = { type: ['denied'], outcome: 'failure', code: error.code, reason: boundText(error.message) } as const
  return build(facts, event, labels)
}

/** What the caller was not told: why a guard did not hold. */
const guardReason = ({ code, cause }: PrivexecError): string | undefined =>
  code === 'PRIVEXEC_GUARD_REFUSED' && cause instanceof Error ? boundText(cause.message) : undefined

type EventPart = Omit<AuditRecord['event'], 'id' | 'action' | 'kind' | 'category'>

function build(facts: AuditFacts, event: EventPart, labels: Labels, exitCode?: number): AuditRecord {
  const { principal, policy, caller, argv } = facts
  const bounded = argv && boundArguments(argv)
  if (argv && bounded?.cut) {
    labels.args_truncated = true
    labels.args_sha256 = argvHash(argv)
  }
  return {
    event: {
      id: boundText(facts.operation, 64),
      action: boundText(facts.command, 128),
      kind: 'event',
      category,
      type: event.type,
      outcome: event.outcome,
      code: event.code,
      reason: event.reason,
      duration: event.duration,
    },
    ...surroundings(),
    user: { id: String(principal.uid), name: boundText(principal.name, 256), effective: { id: '0' } },
    client: caller && {
      user: { id: caller.id && boundText(caller.id, 256), name: caller.name && boundText(caller.name, 256) },
    },
    process: {
      executable: bounded?.args[0],
      args: bounded?.args,
      args_count: argv?.length,
      working_directory: '/',
      exit_code: exitCode,
      parent: { pid: principal.pid ?? process.pid },
    },
    container: labels.vmid === undefined ? undefined : { id: String(labels.vmid) },
    labels,
    rule: { id: boundText(policy.name, 256), ruleset: boundText(policy.hash, 256) },
  }
}

/**
 * The transport, and labels with plain names only, so that no `__proto__` and no key of ten thousand characters gets
 * into a record.
 */
function labelsOf({ labels, transport }: AuditFacts): Labels {
  const own: Labels = {}
  let count = 0
  for (const name in labels) {
    const value = labels[name]
    if (value === undefined || !Object.hasOwn(labels, name) || !labelName.test(name) || ++count > maxLabels) continue
    own[name] = typeof value === 'string' ? boundText(value) : value
  }
  own.transport = boundText(transport, 64)
  return own
}
