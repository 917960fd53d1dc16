import { findPolicy, withPolicyFiles } from '../find-policy.ts'
import { applySteps, showSteps } from '../install/apply.ts'
import { type Confirmation, confirm, showConfirmation } from '../install/confirm.ts'
import { planAll } from '../install/plan.ts'
import { requireOwnNames, requireRoot, requireUsableSudo } from '../install/require.ts'
import { note, verb } from '../verb.ts'

/** `privexec policy install FILE...`: exit status 1 when sudo's answers afterwards are not what the policy says. */
export const install = verb({
  command: 'install <file..>',
  describe: 'Install drop-in, staging directory and log directory of policies, as root',
  builder: yargs =>
    withPolicyFiles(yargs)
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only print what would be changed' })
      .example('$0 policy install appstore.yaml --dry-run', 'See every change first')
      .example('$0 policy install appstore.yaml', 'Make them, and ask sudo for a sample'),
  run: async ({ file, 'dry-run': dryRun, json }) => {
    requireRoot()
    await requireUsableSudo()
    const policies = await Promise.all((file as string[]).map(findPolicy))
    requireOwnNames(policies)
    const steps = await planAll(policies)
    const changes = showSteps(steps, 'unchanged')
    if (dryRun) return { data: { dryRun: true, steps: steps.map(({ apply: _, ...step }) => step) }, text: changes }
    if (!json) note(changes)
    await applySteps(steps)
    const confirmations: Confirmation[] = []
    for (const policy of policies) confirmations.push(...(await confirm(policy)))
    return {
      data: { dryRun: false, steps: steps.map(({ apply: _, ...step }) => step), confirmations },
      text: confirmations.map(showConfirmation).join('\n'),
      exit: confirmations.some(({ agrees }) => agrees === false) ? 1 : 0,
    }
  },
})
