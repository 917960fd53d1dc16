import type { Policy, TransportName } from '../policy/policy.ts'
import { accountsOf } from './accounts.ts'
import { auditCheck } from './audit.ts'
import { brokerCheck } from './broker.ts'
import type { Check, Context } from './context.ts'
import { dropInCheck } from './drop-in.ts'
import type { Finding } from './finding.ts'
import { groupsCheck } from './groups.ts'
import { kernelCheck } from './kernel.ts'
import { type Machine, thisMachine } from './machine.ts'
import { neighboursCheck } from './neighbours.ts'
import { processCheck } from './process.ts'
import { programsCheck } from './programs.ts'
import { rightsCheck } from './rights.ts'
import { socketCheck } from './socket.ts'
import { stagingCheck } from './staging.ts'
import { sudoCheck } from './sudo.ts'
import { transportCheck } from './transport.ts'
import { unitsCheck } from './units.ts'
import { zfsCheck } from './zfs.ts'

export type { Finding, Level } from './finding.ts'
export { type Machine, thisMachine } from './machine.ts'

/** All checks, in the order in which a person would want to read them; names are those of their findings. */
export const checks = {
  transport: transportCheck,
  sudo: sudoCheck,
  'drop-in': dropInCheck,
  neighbours: neighboursCheck,
  rights: rightsCheck,
  groups: groupsCheck,
  broker: brokerCheck,
  units: unitsCheck,
  socket: socketCheck,
  programs: programsCheck,
  staging: stagingCheck,
  kernel: kernelCheck,
  zfs: zfsCheck,
  audit: auditCheck,
  process: processCheck,
} satisfies Readonly<Record<string, Check>>

/** Checks of what a transport has no part in. */
const without: Readonly<Record<TransportName, readonly (keyof typeof checks)[]>> = {
  sudo: ['broker', 'units', 'socket'],
  portable: ['units', 'socket'],
  daemon: ['sudo', 'drop-in', 'neighbours'],
}

/** The checks of a policy, by name. */
export const checksOf = ({ transport }: Policy): [name: string, check: Check][] =>
  Object.entries(checks).filter(([name]) => !without[transport].some(left => left === name))

/** What to examine. */
export interface DiagnoseOptions {
  readonly policy: Policy
  /** Other policies of the machine; what they grant the same principal is a note. */
  readonly others?: readonly Policy[]
  /** The machine to look at; this one by default. */
  readonly machine?: Machine
}

/**
 * Looks at the installation of a policy on this machine, and changes nothing. Root sees all; for another account, what
 * it may not read is a note. Never rejects: a check that cannot be completed is a warning.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Finding[]> {
  const { policy, others = [], machine = thisMachine } = options
  const accounts = await accountsOf(policy.principal, machine).catch(error => ({
    accounts: [],
    problem: String(error),
  }))
  const context: Context = { policy, others, machine, now: Date.now(), ...accounts }
  const lists = await Promise.all(
    checksOf(policy).map(async ([check, look]): Promise<readonly Finding[]> => {
      try {
        return await look(context)
      } catch (error) {
        return [{ check, level: 'warning', message: `The check could not be completed: ${String(error)}` }]
      }
    }),
  )
  return lists.flat()
}
