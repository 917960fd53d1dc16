import { isPrivexecError, type PrivexecError } from '../../errors/error.ts'
import type { Result } from '../../execute/result.ts'
import type { Outcome, Refusal } from '../../wire/message.ts'

/** What a caller is told of an error when nothing was started. */
export function refusalOf(error: unknown): Refusal {
  if (!isPrivexecError(error)) return { code: 'PRIVEXEC_STATUS_LOST', message: 'The root-side broker failed' }
  const { code, message, field, operation } = error
  return { code, message, ...(field === undefined ? {} : { field }), ...(operation === undefined ? {} : { operation }) }
}

/** What a caller is told of an operation that was started. It has seen the output itself. */
export function outcomeOf(result: Result | PrivexecError, program: string): Outcome {
  if (!isPrivexecError(result)) return { exitCode: result.exitCode, ended: true, recorded: true }
  const { exitCode, signal, isLost, isAudit, code, ended = true } = result
  const interruption = interruptionOf(result)
  return {
    ended,
    recorded: !isAudit,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(interruption === undefined ? {} : { interruption }),
    ...(isLost ? { lost: result.message } : {}),
    ...(code === 'PRIVEXEC_PROGRAM_MISSING' ? { missing: program } : {}),
  }
}

function interruptionOf({ code, isTimedOut, isCancelled }: PrivexecError): Outcome['interruption'] {
  if (isTimedOut) return 'timedOut'
  if (isCancelled) return 'cancelled'
  return code === 'PRIVEXEC_DAEMON_UNAVAILABLE' ? 'stopped' : undefined
}
