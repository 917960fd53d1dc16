import type { Finding } from '../doctor/finding.ts'
import { policyDirectory } from '../policy/installed.ts'
import type { Policy } from '../policy/policy.ts'
import { usage } from './failure.ts'
import { findPolicy, policyNames } from './find-policy.ts'
import { colour, plain } from './style.ts'
import { verb } from './verb.ts'

/** `privexec doctor`: exit status 1 when something is an error, with `--strict` also for a warning. */
export const doctor = verb({
  command: 'doctor [policies..]',
  describe: 'Look for what weakens installed policies: drop-ins, other rules, groups, files, kernel settings',
  builder: yargs =>
    yargs
      .positional('policies', {
        type: 'string',
        array: true,
        describe: `Policy files or names; all of ${policyDirectory} by default`,
      })
      .option('strict', { type: 'boolean', default: false, describe: 'Exit 1 for warnings too' })
      .example('$0 doctor', 'Examine everything that is installed, as root')
      .example('$0 doctor appstore --json', 'For a monitoring system'),
  run: async ({ policies: named = [], strict }) => {
    const names = named.length > 0 ? (named as string[]) : policyNames()
    if (names.length === 0) throw usage(`no policy is installed in ${policyDirectory}; name a policy file`)
    const { diagnose } = await import('../doctor/diagnose.ts')
    const policies = new Map<string, Policy>()
    for (const name of names) policies.set(name, await findPolicy(name))
    // What other installed policies grant is no surprise; one that cannot be read is another run's business.
    const known = await Promise.all(policyNames().map(name => findPolicy(name).catch(() => [])))
    const found: (Finding & { policy: string })[] = []
    for (const policy of policies.values()) {
      const others = [...policies.values(), ...known.flat()].filter(other => other.name !== policy.name)
      for (const finding of await diagnose({ policy, others })) found.push({ policy: policy.name, ...finding })
    }
    const bad = found.filter(({ level }) => level === 'error' || (strict && level === 'warning'))
    return {
      data: { ok: bad.length === 0, findings: found },
      text: found.map(line).join('\n'),
      exit: bad.length > 0 ? 1 : 0,
    }
  },
})

const colours = { ok: 'green', note: 'dim', warning: 'yellow', error: 'red' } as const

function line({ policy, check, level, message, advice }: Finding & { policy: string }): string {
  const text = `${colour(colours[level], level.padEnd(7))}  ${policy}  ${check}: ${plain(message)}`
  return advice === undefined ? text : `${text}\n         ${plain(advice)}`
}
