import { PrivexecError } from '../../errors/error.ts'
import type { Limits } from '../../policy/policy.ts'
import { Locks } from './locks.ts'
import { Rate } from './rate.ts'
import { type Release, Semaphore } from './semaphore.ts'

/** What all connections of a policy share: how much may go on at once, and in which order. */
export interface Gate {
  readonly locks: Locks
  /** Places of operations that run. */
  readonly places: Semaphore
  /** Operations that run or wait. */
  readonly active: number
  /** Counts a request. Throws `PRIVEXEC_BUSY`. */
  count(): void
  /** Lets an operation in. Throws `PRIVEXEC_BUSY`; what it returns lets it out. */
  enter(): Release
}

/** Makes the gate of a policy. */
export function openGate(limits: Limits): Gate {
  const rate = new Rate(limits.perMinute, performance.now())
  const most = limits.running + limits.queue
  let active = 0
  return {
    locks: new Locks(),
    places: new Semaphore(limits.running),
    get active() {
      return active
    },
    count: () => {
      if (!rate.take(performance.now())) throw busy(`more than ${limits.perMinute} requests in a minute`)
    },
    enter: () => {
      if (active >= most) throw busy(`${limits.running} operations run and ${limits.queue} wait`)
      active += 1
      let isIn = true
      return () => {
        if (isIn) active -= 1
        isIn = false
      }
    },
  }
}

const busy = (why: string): PrivexecError => new PrivexecError('PRIVEXEC_BUSY', `The policy allows no more: ${why}`)
