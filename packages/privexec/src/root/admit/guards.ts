import { setTimeout as delay } from 'node:timers/promises'
import type { Allowed } from '../../decide/decision.ts'
import { PrivexecError } from '../../errors/error.ts'
import type { Guard, GuardHost, GuardSubject } from '../../guard/guard.ts'

/** Milliseconds; every refusal of a guard is answered after a multiple of this. */
const quantum = 100

/**
 * Makes the checks of live state of a command, in their order. Throws `PRIVEXEC_GUARD_REFUSED` when one does not hold.
 * All such refusals of a command are alike, and none comes sooner than another: a stranger must not learn whether an
 * object exists. The reason is the cause of the error, for root's record.
 */
export async function checkGuards(request: Allowed, host: GuardHost): Promise<void> {
  const began = performance.now()
  const { command, grant, values } = request
  const { where, settings } = grant
  for (const guard of command.guards) {
    const subject = { values, where, settings, program: command.program, host }
    const reason = await reasonOf(guard, subject)
    if (reason === undefined) continue
    await delay(quantum - ((performance.now() - began) % quantum))
    const message = `${command.id}: the object is not one that this policy may touch`
    const cause = new Error(`${guard.name}: ${reason}`)
    throw new PrivexecError('PRIVEXEC_GUARD_REFUSED', message, { command: command.id, cause })
  }
}

async function reasonOf(guard: Guard, subject: GuardSubject): Promise<string | undefined> {
  try {
    return await guard.check(subject)
  } catch (error) {
    return `it could not be checked: ${error}`
  }
}
