import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Grant } from '../../policy/grant.ts'
import { policyJsonPath } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { dropInPath, sudoersDirectory } from '../../render/sudoers.ts'
import { type ChangedSetting, compare, type Difference } from '../diff/compare.ts'
import { readDropIn, ruleSetOf } from '../diff/rule-set.ts'
import { showDifference } from '../diff/show.ts'
import { unreadable, usage } from '../failure.ts'
import { findPolicy } from '../find-policy.ts'
import { verb } from '../verb.ts'

/** `privexec policy diff OLD NEW`, or `--installed POLICY`: exit status 1 when there is a difference. */
export const diff = verb({
  command: 'diff <old> [new]',
  describe: 'Show which sample commands become allowed or refused',
  builder: yargs =>
    yargs
      .positional('old', {
        type: 'string',
        demandOption: true,
        describe: 'Policy file or name; with --installed the new one',
      })
      .positional('new', { type: 'string', describe: 'Policy file or name' })
      .option('installed', {
        type: 'boolean',
        default: false,
        describe: `Compare with the drop-in in ${sudoersDirectory}, or with the policy that root reads`,
      })
      .example('$0 policy diff old.yaml policies/appstore.yaml', 'What does my change allow?')
      .example('$0 policy diff --installed policies/appstore.yaml', 'What would installing it change? Needs root'),
  run: async ({ old, new: later, installed }) => {
    if (installed === (later !== undefined)) throw usage('policy diff takes two policies, or one and --installed')
    const { name, difference } = installed ? await againstInstalled(old) : await between(old, later as string)
    const isSame = difference.samples.length + difference.settings.length + difference.remarks.length === 0
    return { data: { policy: name, ...difference }, text: showDifference(name, difference), exit: isSame ? 0 : 1 }
  },
})

interface Named {
  readonly name: string
  readonly difference: Difference
}

async function between(old: string, later: string): Promise<Named> {
  const [before, after] = await Promise.all([findPolicy(old), findPolicy(later)])
  // Markers and staging paths hold the policy's name: under one name they differ in nothing but the bounds.
  const difference = compare(ruleSetOf(before, after.name), ruleSetOf(after))
  const place = ({ audit }: Policy) => audit.file
  const settings = [
    { what: 'policy name', old: before.name, new: after.name },
    { what: 'transport', old: before.transport, new: after.transport },
    { what: 'limits', old: JSON.stringify(before.limits), new: JSON.stringify(after.limits) },
    ...written(before, after, 'bounds', ({ where }) => where),
    ...written(before, after, 'guard', ({ settings }) => settings),
    ...difference.settings,
    { what: 'audit file', old: place(before), new: place(after) },
  ].filter(setting => setting.old !== setting.new)
  return { name: after.name, difference: { ...difference, settings } }
}

/** What the grants of the commands in both policies say, as the files say it. */
function written(before: Policy, after: Policy, what: string, of: (grant: Grant) => object): ChangedSetting[] {
  const texts = ({ grants }: Policy, id: string) =>
    grants.filter(({ command }) => command.id === id).map(grant => JSON.stringify(of(grant)))
  return [...new Set(before.grants.map(({ command }) => command.id))]
    .map(id => ({ what: `${what} of ${id}`, old: texts(before, id).join(', '), new: texts(after, id).join(', ') }))
    .filter(setting => setting.new !== '')
}

async function againstInstalled(file: string): Promise<Named> {
  const policy = await findPolicy(file)
  if (policy.transport !== 'sudo') return againstBroker(file, policy)
  const path = dropInPath(policy.name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // Without a drop-in nothing is allowed, which is an answer too.
    if (error.code === 'ENOENT') return ''
    throw unreadable(path, error, error.code)
  })
  return { name: policy.name, difference: compare(readDropIn(text), ruleSetOf(policy)) }
}

/** Where root has a broker, it decides by NAME.json; JSON is YAML too. */
async function againstBroker(file: string, policy: Policy): Promise<Named> {
  const path = policyJsonPath(policy.name)
  if (existsSync(path)) return between(path, file)
  return { name: policy.name, difference: compare(readDropIn(''), ruleSetOf(policy)) }
}
