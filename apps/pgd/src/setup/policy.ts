import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PgdError } from '../errors/error.ts'
import { baseOfText, type PolicyKind, policyText } from './policy-text.ts'
import type { Argv, Step } from './step.ts'
import type { System } from './system.ts'
import type { Wish } from './wish.ts'

/** Where `privexec policy install` puts it, and `pgd` looks for it. */
export const policyPath = '/etc/privexec/policies.d/pgd.yaml'

/** The command of the broker's package, run by the Node that runs this. */
export function privexec(...words: Argv): Argv {
  const library = import.meta.resolve('@broker/privexec')
  const isSource = library.endsWith('.ts')
  const main = fileURLToPath(new URL(`./cli/main.${isSource ? 'ts' : 'js'}`, library))
  return [process.execPath, ...(isSource ? ['--conditions=@broker/source'] : []), main, ...words]
}

/**
 * The policy of the broker: checked, and put in force by `privexec policy install`, which writes each file beside its place
 * and renames it. Throws `PGD_FOREIGN` for a policy that somebody else made, `PGD_EXISTS` for one for another dataset.
 */
export async function policySteps(system: System, wish: Wish, kind: PolicyKind): Promise<Step[]> {
  const text = policyText(wish, kind)
  const present = await system.read(policyPath)
  if (present !== undefined) refuseOther(present, wish)
  const content = { name: 'pgd.yaml', text }
  const steps: Step[] = [
    {
      title: `the policy ${policyPath}`,
      why: `the broker mounts and unmounts what lies two names below ${wish.base}, for the group ${wish.group}, by ${kind.transport}`,
      commands: [privexec('policy', 'check', content), privexec('policy', 'install', content)],
      isDone: async () => {
        const { exitCode, stdout } = await system.run(privexec('policy', 'install', '--dry-run', '--json', content))
        return exitCode === 0 && isUnchanged(stdout)
      },
    },
  ]
  if (kind.transport !== 'daemon' || !existsSync('/run/systemd/system')) return steps
  const socket = 'privexecd-pgd.socket'
  const stateOf = async (verb: string) => (await system.run(['/usr/bin/systemctl', verb, '--quiet', socket])).exitCode
  return [
    ...steps,
    {
      title: `the unit ${socket}`,
      why: 'systemd starts the root-side broker when it is called',
      commands: [
        ['/usr/bin/systemctl', 'daemon-reload'],
        ['/usr/bin/systemctl', 'enable', '--now', socket],
      ],
      isDone: async () => (await stateOf('is-enabled')) === 0 && (await stateOf('is-active')) === 0,
    },
  ]
}

function refuseOther(present: string, { base }: Wish): void {
  const dataset = baseOfText(present)
  if (dataset === base) return
  if (dataset === undefined) {
    throw new PgdError('PGD_FOREIGN', `${policyPath} was not made by pgd setup`, {
      hint: 'Look at it; privexec policy uninstall pgd takes it away',
    })
  }
  throw new PgdError('PGD_EXISTS', `${policyPath} is for ${dataset}, whose databases would be out of reach`, {
    field: 'pool',
    hint: `Give --pool ${dataset.split('/')[0]}, or take it away: privexec policy uninstall pgd`,
  })
}

function isUnchanged(stdout: string): boolean {
  try {
    const { steps } = JSON.parse(stdout) as { readonly steps: readonly { readonly state: string }[] }
    return steps.every(({ state }) => state === 'unchanged' || state === 'keep')
  } catch {
    return false
  }
}
