import type { Command } from '../command/command.ts'
import type { Allowed } from '../decide/decision.ts'
import { type ErrorDetails, isPrivexecError, PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import type { ErrorCode } from '../errors/registry.ts'
import { withoutSudoWarnings } from '../transport/sudo/messages.ts'
import type { Fault } from '../transport/transport.ts'
import type { Execution, Interruption } from './execute.ts'

/** What a successful operation gives. An error has the same fields, as far as the operation came. */
export interface Result {
  readonly command: string
  /** Operation id, which is `event.id` of the audit records. */
  readonly operation: string
  readonly argv: readonly string[]
  readonly exitCode: number
  /** Text of the output, decoded as UTF-8; empty where a callback took it. */
  readonly stdout: string
  readonly stderr: string
  /** Wall time in milliseconds. */
  readonly duration: number
}

const interruptions: Record<Interruption, readonly [ErrorCode, string]> = {
  timedOut: ['PRIVEXEC_TIMED_OUT', 'took longer than its time limit'],
  cancelled: ['PRIVEXEC_CANCELLED', 'was cancelled'],
  outputLimited: ['PRIVEXEC_OUTPUT_LIMIT', 'wrote more than the limit of output'],
  streamFailed: ['PRIVEXEC_STREAM_FAILED', 'was ended because a stream of the caller failed'],
}

/** Makes of an execution what the caller gets: a result, or the error that says what happened. */
export function resultOf(
  request: Pick<Allowed, 'command' | 'operation'> & { readonly argv: readonly string[] },
  execution: Execution,
  duration: number,
): Result | PrivexecError {
  const { command, operation, argv } = request
  const { exit, interruption, ended, cause } = execution
  const details: ErrorDetails = {
    command: command.id,
    operation,
    argv,
    stdout: execution.stdout.text,
    stderr: execution.stderr.text,
    duration,
    ended,
    ...(exit.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
  }
  if (interruption) {
    const [usual, words] = interruptions[interruption]
    const code = reasonOf(cause) ?? usual
    const rest = ended ? '' : '; it may still be running'
    return new PrivexecError(code, `${command.id} ${words}${rest}`, { ...details, cause })
  }
  if (exit.fault) return faultError(command, exit.fault, details)
  if (exit.exitCode === undefined) {
    return new PrivexecError('PRIVEXEC_PROGRAM_KILLED', `${command.id} was ended by ${exit.signal}`, details)
  }
  const stderr = withoutSudoWarnings(execution.stderr.tail)
  if (exit.exitCode !== 0 || (command.stderrIsFailure && stderr.trim() !== '')) {
    return programError(command, exit.exitCode, stderr, details)
  }
  const { stdout, stderr: said } = execution
  return { command: command.id, operation, argv, exitCode: 0, stdout: stdout.text, stderr: said.text, duration }
}

/** Who aborts with an error of this library says more than that something was cancelled. */
export const reasonOf = (cause: unknown): ErrorCode | undefined => (isPrivexecError(cause) ? cause.code : undefined)

function programError(command: Command, exitCode: number, stderr: string, details: ErrorDetails): PrivexecError {
  const failure = Object.entries(command.failures).find(
    ([, sign]) => (sign.exitCode === undefined || sign.exitCode === exitCode) && (sign.stderr?.test(stderr) ?? true),
  )?.[0]
  const how = exitCode === 0 ? 'exited with 0 but said that it failed' : `failed with exit code ${exitCode}`
  const lastLine = stderr.trim().split('\n').at(-1) ?? ''
  const words = lastLine === '' ? '' : `: ${escapeValue(lastLine, 200)}`
  const more = failure === undefined ? {} : { failure }
  return new PrivexecError('PRIVEXEC_PROGRAM_FAILED', `${command.id} ${how}${words}`, { ...details, ...more })
}

function faultError(command: Command, fault: Fault, details: ErrorDetails): PrivexecError {
  const error = (code: ErrorCode, words: string, cause?: unknown) =>
    new PrivexecError(code, `${command.id}: ${words}`, { ...details, ...(cause === undefined ? {} : { cause }) })
  switch (fault.kind) {
    case 'refused':
      return error('PRIVEXEC_SUDO_REFUSED', 'sudo refused an argv that the policy allows')
    case 'missing':
      return fault.program.endsWith('/sudo')
        ? error('PRIVEXEC_SUDO_MISSING', `${fault.program} is not installed`)
        : error('PRIVEXEC_PROGRAM_MISSING', `${fault.program} is not installed`)
    case 'no-privileges':
      return error('PRIVEXEC_SUDO_MISSING', `sudo cannot gain privileges: ${fault.text}`)
    case 'lost':
      return error('PRIVEXEC_STATUS_LOST', `it is not known how the program ended: ${fault.text}`)
    case 'unrecorded':
      return error('PRIVEXEC_AUDIT_UNAVAILABLE', 'it was carried out, but its outcome could not be recorded')
    case 'start':
      return error('PRIVEXEC_STATUS_LOST', 'the program could not be started', fault.cause)
  }
}
