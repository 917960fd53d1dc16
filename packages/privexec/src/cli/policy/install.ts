import { findPolicy, withPolicyFiles } from '../find-policy.ts'
import { applySteps, showSteps } from '../install/apply.ts'
import { type Confirmation, confirm, showConfirmation } from '../install/confirm.ts'
import { nextCommands } from '../install/next.ts'
import { planAll } from '../install/plan.ts'
import { requireOwnNames, requireRoot, requireUsableSudo } from '../install/require.ts'
import { note, verb } from '../verb.ts'

/** `privexec policy install FILE...`: exit status 1 when sudo's answers afterwards are not what the policy says. */
export const install = verb({
  command: 'install <file..>',
  describe: 'Install what policies need: drop-in or units, programs of root, directories; as root',
  builder: yargs =>
    withPolicyFiles(yargs)
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only print what would be changed' })
      .option('node', {
        type: 'string',
        requiresArg: true,
        describe: 'Node that runs the root-side broker; the one that runs this by default',
      })
      .option('apparmor', { type: 'boolean', default: false, describe: 'AppArmor profiles of root-side brokers too' })
      .example('$0 policy install appstore.yaml --dry-run', 'See every change first')
      .example('$0 policy install appstore.yaml', 'Make them, and ask sudo for a sample'),
  run: async ({ file, 'dry-run': dryRun, json, node, apparmor }) => {
    requireRoot()
    const policies = await Promise.all((file as string[]).map(findPolicy))
    requireOwnNames(policies)
    await requireUsableSudo(policies)
    const steps = await planAll(policies, { node, apparmor })
    const changes = showSteps(steps, 'unchanged')
    const shown = steps.map(({ apply: _, ...step }) => step)
    if (dryRun) return { data: { dryRun: true, steps: shown }, text: changes }
    if (!json) note(changes)
    await applySteps(steps)
    const confirmations: Confirmation[] = []
    for (const policy of policies) confirmations.push(...(await confirm(policy)))
    const next = await nextCommands(policies, { node, apparmor })
    return {
      data: { dryRun: false, steps: shown, confirmations, next },
      text: [...confirmations.map(showConfirmation), ...next.map(command => `run  ${command}`)].join('\n'),
      exit: confirmations.some(({ agrees }) => agrees === false) ? 1 : 0,
    }
  },
})
