import type { AuditFacts } from '../audit/record.ts'
import type { Command } from '../command/command.ts'
import type { Decider } from '../decide/decide.ts'
import type { Allowed, Decision, Denied } from '../decide/decision.ts'
import { isPrivexecError, PrivexecError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/registry.ts'
import { type Execution, execute, silence } from '../execute/execute.ts'
import type { RunOptions } from '../execute/options.ts'
import { type Result, reasonOf, resultOf } from '../execute/result.ts'
import type { Policy } from '../policy/policy.ts'
import type { Transport } from '../transport/transport.ts'
import type { Account } from './account.ts'
import type { Logger } from './logger.ts'
import type { Recorder } from './recorder.ts'

/** Runs privileged commands under one policy. */
export interface Broker {
  readonly policy: Policy
  /**
   * Validates, authorises, records, executes. Rejects with `PrivexecError`, of which exactly one reason is true; a program
   * that fails is an error too.
   */
  run<Input>(command: Command<Input>, input: Input, options?: RunOptions): Promise<Result>
  /** Answers whether `run` would be allowed, and with which argv, without running or recording anything. */
  decide<Input>(command: Command<Input>, input: Input): Decision
  /** Waits until all records are durable, and closes the audit file. */
  close(): Promise<void>
}

/** The stages of a request, each made by its own module. */
export interface Stages {
  readonly policy: Policy
  readonly decide: Decider
  readonly recorder: Recorder
  readonly transport: Transport
  readonly account: Account
  readonly logger: Logger
  /** What root's side puts between decision and record: limits, the lock of the object, content, guards. */
  readonly admit?: Admit
}

/** Waits until an operation may begin; rejects with the refusal. What it gives back is called when all is over. */
export type Admit = (request: Allowed, limit: number, options: RunOptions) => Promise<() => void | Promise<void>>

/** One direction, no way round a step: validate and authorise, record the intent, execute, record the outcome. */
export function brokerOf(stages: Stages): Broker {
  const { policy, decide, recorder, logger } = stages
  return {
    policy,
    decide: (command, input) => decide(command as Command, input),
    run: async (command, input, options = {}) => {
      const began = performance.now()
      const decision = decide(command as Command, input)
      const refusal = decision.allowed ? beforehand(stages, decision, options) : decision.error
      const facts = factsOf(stages, decision, options)
      if (refusal || !decision.allowed) return refuse(stages, facts, refusal ?? (decision as Denied).error)
      const limit = limitOf(decision, options)
      let release: Awaited<ReturnType<Admit>> | undefined
      try {
        release = await stages.admit?.(decision, limit, options)
      } catch (error) {
        return refuse(stages, facts, unstarted(decision, performance.now() - began, error, options))
      }
      try {
        await recorder.intent(facts)
        logger.debug({ operation: facts.operation, command: facts.command }, 'operation begins')
        const performed = await perform(stages, decision, began, options)
        const { result, duration } = performed
        const code = isPrivexecError(result) ? result.code : undefined
        logger.debug({ operation: facts.operation, command: facts.command, code, duration }, 'operation ended')
        await recorder.outcome(facts, performed)
        if (isPrivexecError(result)) throw result
        return result
      } finally {
        await release?.()
      }
    },
    close: () => recorder.close(),
  }
}

/** Records a refusal, and throws it. */
async function refuse({ recorder, logger }: Stages, facts: AuditFacts, error: PrivexecError): Promise<never> {
  const { code, field } = error
  logger.warn({ operation: facts.operation, command: facts.command, code, field }, 'operation refused')
  await recorder.denial(facts, error)
  throw error
}

/** What became of an operation: what the caller gets, and the figures for the record. */
export interface Performed {
  readonly result: Result | PrivexecError
  readonly execution?: Execution
  /** Wall time in milliseconds. */
  readonly duration: number
}

/** Reasons to refuse that are not in the input. */
function beforehand(
  { account, policy, transport }: Stages,
  request: Allowed,
  options: RunOptions,
): PrivexecError | undefined {
  const { command, operation } = request
  const details = { command: command.id, operation }
  if (!account.isPrincipal) {
    const message = `The policy ${policy.name} is for the ${policy.principal.kind} ${policy.principal.name}`
    return new PrivexecError('PRIVEXEC_NOT_GRANTED', message, details)
  }
  if (options.stdin !== undefined && !command.accepts.stdin) {
    const message = `${command.id} takes no standard input`
    return new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', message, { ...details, field: 'stdin' })
  }
  if (options.terminal !== undefined && !(command.accepts.terminal && transport.hasTerminals)) {
    const why = command.accepts.terminal ? `the transport ${transport.name} has none` : 'the command allows none'
    const message = `${command.id} cannot have a terminal: ${why}`
    return new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', message, { ...details, field: 'terminal' })
  }
  const { timeout } = options
  if (timeout !== undefined && !(timeout > 0)) {
    const message = 'timeout must be a number of milliseconds above 0'
    return new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', message, { ...details, field: 'timeout' })
  }
  if (options.signal?.aborted) {
    return new PrivexecError('PRIVEXEC_CANCELLED', `${command.id} was cancelled before it began`, details)
  }
  return undefined
}

/** Milliseconds that an operation may take, with all waiting. */
const limitOf = (request: Allowed, options: RunOptions): number =>
  Math.min(options.timeout ?? Number.POSITIVE_INFINITY, request.grant.timeout * 1000)

async function perform(
  { transport, policy }: Stages,
  request: Allowed,
  began: number,
  options: RunOptions,
): Promise<Performed> {
  const limit = limitOf(request, options)
  // A side that keeps the time says itself that it is up; to cancel at the same moment would hide that.
  const patience = transport.mayWait ? limit + silence : limit
  const wait = request.staged || transport.mayWait ? waitOf(patience, options) : undefined
  try {
    const running = await transport.start(request, policy, { ...options, signal: wait?.signal, timeout: limit })
    wait?.stop()
    const execution = await execute(running, limit - (performance.now() - began), options)
    const duration = performance.now() - began
    return { result: resultOf({ ...request, ...running.known }, execution, duration), execution, duration }
  } catch (cause) {
    wait?.stop()
    const duration = performance.now() - began
    return { result: unstarted(request, duration, cause, options, wait?.signal), duration }
  }
}

/** How long content is waited for. Its timer keeps the process alive, which that of `AbortSignal.timeout` does not. */
function waitOf(limit: number, { signal }: RunOptions) {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), limit)
  const signals = signal ? [deadline.signal, signal] : [deadline.signal]
  return { signal: AbortSignal.any(signals), stop: () => clearTimeout(timer) }
}

/** The error of an operation that was never started; the content may have been waited for too long. */
function unstarted(
  request: Allowed,
  duration: number,
  cause: unknown,
  options: RunOptions,
  signal?: AbortSignal,
): PrivexecError {
  const { command, operation, argv } = request
  // Whether root started it is not known then, and why it was to end is the smaller part of that.
  if (isPrivexecError(cause) && cause.ended === false) return cause
  const details = { command: command.id, operation, argv, duration, ended: true, cause }
  const error = (code: ErrorCode, words: string) => new PrivexecError(code, `${command.id} ${words}`, details)
  if (options.signal?.aborted) {
    return error(reasonOf(options.signal.reason) ?? 'PRIVEXEC_CANCELLED', 'was cancelled before it was started')
  }
  if (signal?.aborted) return error('PRIVEXEC_TIMED_OUT', 'reached its time limit before it was started')
  return isPrivexecError(cause) ? cause : error('PRIVEXEC_STATUS_LOST', 'could not be started')
}

const factsOf = ({ policy, transport, account }: Stages, decision: Decision, options: RunOptions): AuditFacts => ({
  operation: decision.operation,
  command: decision.command.id,
  policy: { name: policy.name, hash: policy.hash },
  transport: transport.name,
  principal: { uid: account.uid, name: account.name, ...(account.pid === undefined ? {} : { pid: account.pid }) },
  caller: options.caller,
  ...(decision.allowed ? { argv: decision.argv, labels: decision.labels } : {}),
})
