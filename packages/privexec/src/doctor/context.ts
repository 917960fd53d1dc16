import type { Policy } from '../policy/policy.ts'
import type { Accounts } from './accounts.ts'
import type { Finding } from './finding.ts'
import type { Machine } from './machine.ts'

/** What every check gets. */
export interface Context extends Accounts {
  readonly policy: Policy
  /** Other policies of this machine: what they grant is no surprise. */
  readonly others: readonly Policy[]
  readonly machine: Machine
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Looks at one side of an installation. */
export type Check = (context: Context) => Promise<readonly Finding[]>
