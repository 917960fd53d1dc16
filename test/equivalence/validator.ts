import { readArgv, spellArgv, type Values } from '../../packages/privexec/src/command/argv.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'
import { deciderOf } from '../../packages/privexec/test/support/decider.ts'
import type { Comparison } from './compare.ts'
import { edited } from './edit.ts'
import { canBeArgv } from './generate.ts'
import { libraryAllowsJoined } from './library.ts'
import { drawArgv, meanings } from './meaning.ts'
import type { Oracle } from './oracle.ts'
import { pick, type Random, randomFrom } from './random.ts'

const batch = 20_000

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
  const began = performance.now()
  const found = { grant, asked: 0, allowed: 0, moved: 0, disagreements: 0 }
  const examples: { library: boolean; args: readonly string[] }[] = []
  const draw = () => {
    const args = drawArgv(places, random)
    const marker = args.find(arg => arg.startsWith('PRIVEXEC_OPERATION='))?.split('=')[1] ?? ''
    const stagedFile = args.find(arg => arg.startsWith('/var/lib/privexec/staging/')) ?? ''
    const values = readArgv(slots, args)
    if (!values) throw new Error(`the library reads nothing in a legal argv: ${JSON.stringify(args)}`)
    const input = random(2) === 0 ? values : editedInput(values, random)
    return { input, args: spellArgv(slots, input, { marker, stagedFile }) }
  }
  while (found.asked < count) {
    const some = Array.from({ length: Math.min(batch, count - found.asked) }, draw).filter(({ args }) =>
      canBeArgv(args),
    )
    const answers = await oracle(some.map(({ args }) => args))
    for (const [index, { input, args }] of some.entries()) {
      const { allowed } = decide(command, input)
      found.asked++
      if (allowed && answers[index]) found.allowed++
      if (allowed === answers[index]) continue
      if (!allowed && libraryAllowsJoined(policy, args)) found.moved++
      else if (++found.disagreements <= 10) examples.push({ library: allowed, args })
    }
  }
  return { ...found, seconds: (performance.now() - began) / 1000, examples }
}

function grantOf(policy: Policy, id: string) {
  const grant = policy.grants.find(each => each.id === id)
  if (!grant) throw new Error(`no grant ${id}`)
  return grant
}

/** One field changed within its JavaScript type: what another type would do is not a question of spelling. */
function editedInput(values: Values, random: Random): Values {
  const fields = Object.keys(values).filter(field => !(values[field] instanceof Uint8Array))
  const field = pick(random, fields)
  const value = values[field]
  if (typeof value === 'number') {
    const numbers = [value - 1, value + 1, 19_999, 21_000, -value, value + 0.5, value * 10, 104, 0, 1e21, Number.NaN]
    return { ...values, [field]: pick(random, numbers) }
  }
  if (Array.isArray(value)) return { ...values, [field]: edited(value as string[], random) }
  return { ...values, [field]: edited([String(value)], random).join(' ') }
}
