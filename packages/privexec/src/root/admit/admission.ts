import type { Admit } from '../../broker/broker.ts'
import type { Allowed } from '../../decide/decision.ts'
import { PrivexecError } from '../../errors/error.ts'
import type { GuardHost } from '../../guard/guard.ts'
import type { Limits } from '../../policy/policy.ts'
import { unstage } from '../../staging/stage.ts'
import { spool } from './content.ts'
import type { Gate } from './gate.ts'
import { checkGuards } from './guards.ts'
import type { Release } from './semaphore.ts'

/** What operations are admitted by. */
export interface Admission {
  readonly gate: Gate
  readonly limits: Limits
  readonly host: GuardHost
}

/**
 * Stands between decision and record: a place in the queue, the content, the lock of the object, a place to run in, the
 * guards. `accepted` is told as soon as the operation is in the queue.
 */
export function admission({ gate, limits, host }: Admission, accepted: (request: Allowed) => void): Admit {
  return async (request, limit, options) => {
    const held: (Release | (() => Promise<void>))[] = []
    const release = async () => {
      for (const each of held.splice(0).reverse()) await each()
    }
    const late = () => new PrivexecError('PRIVEXEC_TIMED_OUT', `${request.command.id} reached its time limit waiting`)
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(late()), limit)
    const signal = options.signal ? AbortSignal.any([deadline.signal, options.signal]) : deadline.signal
    try {
      held.push(gate.enter())
      accepted(request)
      const { staged } = request
      if (staged) {
        await spool(staged.file, staged.content as AsyncIterable<Uint8Array>, limits.content, signal)
        held.push(() => unstage(staged.file))
      }
      const object = objectOf(request)
      if (object !== undefined && options.terminal === undefined) held.push(await gate.locks.take(object, signal))
      held.push(await gate.places.acquire(signal))
      await checkGuards(request, host)
      signal.throwIfAborted()
      return release
    } catch (error) {
      await release()
      throw deadline.signal.aborted ? deadline.signal.reason : error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The container or dataset that the operation is for; a terminal is a person's and keeps nobody out. */
function objectOf({ labels }: Allowed): string | undefined {
  const [first] = Object.entries(labels)
  return first?.join(' ')
}
