import { isPrivexecError, type PrivexecError } from '../../errors/error.ts'
import type { Result } from '../../execute/result.ts'
import type { Exit } from '../../transport/transport.ts'
import type { Outcome, Refusal } from '../../wire/message.ts'

/** Characters of a text in an answer, at most: a stranger may have chosen them, and an answer fits into one frame. */
const longest = 4096

const bound = (text: string): string => text.slice(0, longest).toWellFormed()

/** What a caller is told of an error when nothing was started, beside the operation that it belongs to. */
export function refusalOf(error: unknown): Omit<Refusal, 'operation'> {
  if (!isPrivexecError(error)) return { code: 'PRIVEXEC_STATUS_LOST', message: 'The root-side broker failed' }
  const { code, message, field } = error
  return { code, message: bound(message), ...(field === undefined ? {} : { field: bound(field) }) }
}

/**
 * What a caller is told of an operation that was started, of whose program `exit` is known. It has seen the output itself,
 * so that it can tell what the exit status means.
 */
export function outcomeOf(result: Result | PrivexecError | Error, exit: Exit | undefined): Outcome {
  if (isResult(result)) return { exitCode: result.exitCode, ended: true, recorded: true }
  // What is no error of ours is a bug of this program, and the operation's state is not known.
  if (!isPrivexecError(result)) return { lost: 'the root-side broker failed', ended: false, recorded: false }
  const { exitCode, signal, isAudit, ended = true } = result
  const interruption = interruptionOf(result)
  return {
    ended,
    recorded: !isAudit,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(interruption === undefined ? {} : { interruption }),
    ...faultOf(result, exit),
  }
}

const isResult = (result: Result | Error): result is Result => !(result instanceof Error)

/** Without an exit status, the outcome says why. */
function faultOf({ exitCode, signal }: PrivexecError, exit: Exit | undefined): Pick<Outcome, 'lost' | 'missing'> {
  const { fault } = exit ?? {}
  if (fault?.kind === 'missing') return { missing: fault.program }
  if (exitCode !== undefined || signal !== undefined) return {}
  return { lost: fault?.kind === 'lost' ? bound(fault.text) : 'the program could not be started, or not be ended' }
}

/** Everything that ended an operation before its program did: its time, its caller, or this process. */
function interruptionOf({ isTimedOut, isCancelled, isInvalid, isUnavailable, code }: PrivexecError) {
  if (isTimedOut) return 'timedOut'
  if (isCancelled) return 'cancelled'
  return isInvalid || (isUnavailable && code !== 'PRIVEXEC_PROGRAM_MISSING') ? 'stopped' : undefined
}
