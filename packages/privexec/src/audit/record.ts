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
  readonly principal: { readonly uid: number; readonly name: string }
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

type Labels = Record<string, string | number | boolean>

/** One record under the field names of the Elastic Common Schema; `event` comes first, the writer relies on it. */
export interface AuditRecord {
  readonly event: {
    readonly id: string
    readonly action: string
    readonly kind: 'event'
    readonly category: readonly string[]
    readonly type: readonly string[]
    readonly outcome: 'success' | 'failure' | 'unknown'
    readonly code: string
    readonly reason?: string
    /** Nanoseconds. */
    readonly duration?: number
  }
  readonly '@timestamp': string
  readonly user?: { readonly id: string; readonly name: string; readonly effective: { readonly id: string } }
  readonly client?: { readonly user: { readonly id?: string; readonly name?: string } }
  readonly process?: {
    readonly executable?: string
    readonly args?: readonly string[]
    readonly args_count?: number
    readonly working_directory?: string
    readonly exit_code?: number
    /** The process that asks, not the one that root starts: that has no id yet when the intent is written. */
    readonly parent?: { readonly pid: number }
  }
  readonly container?: { readonly id: string }
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
  const event = { type: ['allowed', 'start'], outcome: 'unknown', code: intentCode } as const
  return build(facts, event, {}, {})
}

/** The record of how an operation ended, under the id of its intent. */
export function outcomeRecord(facts: AuditFacts, result: AuditResult): AuditRecord {
  const { outcome, code, exitCode, signal } = result
  const reason = code === undefined ? {} : { reason: errorRegistry[code].summary }
  const duration = Math.max(0, Math.round(result.durationMs * 1e6))
  const event = { type: ['end'], outcome, code: code ?? successCode, ...reason, duration } as const
  const labels: Labels = { stdout_bytes: result.stdoutBytes, stderr_bytes: result.stderrBytes }
  if (signal !== undefined) labels.signal = boundText(signal, 32)
  if (result.truncated !== undefined) labels.output_truncated = result.truncated
  if (result.ended !== undefined) labels.ended = result.ended
  return build(facts, event, exitCode === undefined ? {} : { exit_code: exitCode }, labels)
}

/** The one record of an operation that was refused: nothing ran. */
export function denialRecord(facts: AuditFacts, error: PrivexecError): AuditRecord {
  const reason = boundText(error.message)
  const event = { type: ['denied'], outcome: 'failure', code: error.code, reason } as const
  return build(facts, event, {}, error.field === undefined ? {} : { field: boundText(error.field, 256) })
}

type EventPart = Pick<AuditRecord['event'], 'type' | 'outcome' | 'code'> & Partial<AuditRecord['event']>

function build(facts: AuditFacts, event: EventPart, processPart: { exit_code?: number }, more: Labels): AuditRecord {
  const { principal, policy, caller } = facts
  const { args, marks } = describeArgv(facts.argv)
  const labels = { ...ownLabels(facts.labels), ...more, ...marks, transport: boundText(facts.transport, 64) }
  const user = { id: String(principal.uid), name: boundText(principal.name, 256), effective: { id: '0' } }
  return {
    event: {
      id: boundText(facts.operation, 64),
      action: boundText(facts.command, 128),
      kind: 'event',
      category,
      ...event,
    },
    ...surroundings(),
    user,
    ...(caller === undefined ? {} : { client: { user: describeCaller(caller) } }),
    process: { ...args, working_directory: '/', ...processPart, parent: { pid: process.pid } },
    ...('vmid' in labels ? { container: { id: String(labels.vmid) } } : {}),
    labels,
    rule: { id: boundText(policy.name, 256), ruleset: boundText(policy.hash, 256) },
  }
}

function describeArgv(argv: readonly string[] | undefined) {
  if (argv === undefined || argv.length === 0) return { args: {}, marks: {} }
  const { args, cut } = boundArguments(argv)
  const marks: Labels = cut ? { args_truncated: true, args_sha256: argvHash(argv) } : {}
  return { args: { executable: args[0] ?? '', args, args_count: argv.length }, marks }
}

function describeCaller(caller: NonNullable<AuditFacts['caller']>): { id?: string; name?: string } {
  const user: { id?: string; name?: string } = {}
  if (caller.id !== undefined) user.id = boundText(caller.id, 256)
  if (caller.name !== undefined) user.name = boundText(caller.name, 256)
  return user
}

/** Labels with plain names only, so that no `__proto__` and no key of ten thousand characters gets into a record. */
function ownLabels(labels: AuditFacts['labels']): Labels {
  const entries = Object.entries(labels ?? {}).filter(([name]) => labelName.test(name))
  return Object.fromEntries(
    entries.slice(0, maxLabels).map(([name, value]) => [name, typeof value === 'string' ? boundText(value) : value]),
  )
}
