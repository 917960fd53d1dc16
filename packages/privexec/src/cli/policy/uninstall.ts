import { findPolicy, withPolicyFiles } from '../find-policy.ts'
import { applySteps, showSteps } from '../install/apply.ts'
import { planUninstall } from '../install/plan-removal.ts'
import { requireRoot } from '../install/require.ts'
import { note, verb } from '../verb.ts'

/** `privexec policy uninstall FILE...`: takes away what install made, and leaves logs and audit files. */
export const uninstall = verb({
  command: 'uninstall <file..>',
  describe: 'Remove what install made, except logs and audit files, as root',
  builder: yargs =>
    withPolicyFiles(yargs)
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only print what would be removed' })
      .example('$0 policy uninstall appstore', 'Take the installed policy of this name out of force'),
  run: async ({ file, 'dry-run': dryRun, json }) => {
    requireRoot()
    const policies = await Promise.all((file as string[]).map(findPolicy))
    const steps = await planUninstall(policies)
    const text = showSteps(steps, 'nothing is installed')
    const data = { dryRun, steps: steps.map(({ apply: _, ...step }) => step) }
    if (dryRun) return { data, text }
    if (!json) note(text)
    await applySteps(steps)
    return { data, text: '' }
  },
})
