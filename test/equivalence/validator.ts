import { readArgv, spellArgv } from '../../packages/privexec/src/command/argv.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'
import { deciderOf } from '../../packages/privexec/test/support/decider.ts'
import { type Case, type Comparison, compareCases } from './compare.ts'
import { canBeArgv } from './generate.ts'
import { drawArgv, meanings } from './meaning.ts'
import type { Oracle } from './oracle.ts'
import { randomFrom } from './random.ts'
import { nearby } from './requests.ts'

/**
 * Asks the validator about generated inputs, half of them one edit away from valid ones, and the oracle about the argv
 * that the input would be spelled as, were it not checked. `args` of an example is that argv.
 */
export async function compareValidator(
  policy: Policy,
  grant: string,
  count: number,
  oracle: Oracle,
  seed = 1,
): Promise<Comparison> {
  const random = randomFrom(seed)
  const decide = deciderOf(policy)
  const { command, slots } = grantOf(policy, grant)
  const places = meanings[grant] ?? []
  const draw = (): Case => {
    const legal = drawArgv(places, random)
    const marker = legal.find(arg => arg.startsWith('PRIVEXEC_OPERATION='))?.split('=')[1] ?? ''
    const stagedFile = legal.find(arg => arg.startsWith('/var/lib/privexec/staging/')) ?? ''
    const values = readArgv(slots, legal)
    if (!values) throw new Error(`the library reads nothing in a legal argv: ${JSON.stringify(legal)}`)
    const input = random(2) === 0 ? values : nearby(values, random, [Number.NaN])
    const args = spellArgv(slots, input, { marker, stagedFile })
    return canBeArgv(args) ? { library: decide(command, input).allowed, args } : draw()
  }
  return compareCases(policy, grant, count, oracle, draw)
}

function grantOf(policy: Policy, id: string) {
  const grant = policy.grants.find(each => each.id === id)
  if (!grant) throw new Error(`no grant ${id}`)
  return grant
}
