import { invalid } from '../names/invalid.ts'
import { accountSteps } from './accounts.ts'
import { datasetSteps } from './dataset.ts'
import { delegationSteps } from './delegation.ts'
import { placeStep } from './place.ts'
import { policySteps } from './policy.ts'
import type { Planned, Step } from './step.ts'
import type { System } from './system.ts'
import { readWish, type SetupOptions } from './wish.ts'
import { abilitiesOf } from './zfs.ts'

/**
 * Everything that the machine needs, in order, and what of it is there already. Changes nothing. What puts root's power in
 * reach of others comes last. Throws `PGD_INPUT_INVALID`, and `PGD_FOREIGN` or `PGD_EXISTS` for what is in the way.
 */
export async function planSetup(system: System, options: SetupOptions): Promise<Planned[]> {
  const wish = readWish(options)
  const abilities = await abilitiesOf(system, wish.pool)
  const { hasDelegation } = abilities
  const transport = wish.transport ?? (hasDelegation ? 'sudo' : 'daemon')
  if (!hasDelegation && transport === 'sudo') {
    throw invalid('transport', transport, 'does not do here: this ZFS has no delegation', 'Leave the option out')
  }
  const steps: Step[] = [
    ...(await accountSteps(system, wish)),
    await placeStep(system, wish),
    ...(await datasetSteps(system, wish, abilities)),
    ...(hasDelegation ? await delegationSteps(system, wish) : []),
    ...(await policySteps(system, wish, { transport, hasDelegation })),
  ]
  const planned: Planned[] = []
  for (const step of steps) planned.push({ ...step, wasDone: await step.isDone() })
  return planned
}
