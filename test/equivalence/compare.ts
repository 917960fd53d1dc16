import type { Policy } from '../../packages/privexec/src/index.ts'
import { argvs } from './generate.ts'
import { libraryAllows, libraryAllowsJoined } from './library.ts'
import { meanings } from './meaning.ts'
import type { Oracle } from './oracle.ts'
import { randomFrom } from './random.ts'

/** What a comparison of the library with an oracle found. */
export interface Comparison {
  readonly grant: string
  readonly asked: number
  /** How many both allowed. */
  readonly allowed: number
  /** How many the oracle allows and the library does not, but whose joined text is that of an argv that it does allow. */
  readonly moved: number
  /** Everything else on which they differ; must be none. The first ten are kept. */
  readonly disagreements: number
  /** Wall time. */
  readonly seconds: number
  readonly examples: readonly Case[]
}

/** Arguments, and whether the library allows what they came from. */
export interface Case {
  readonly library: boolean
  readonly args: readonly string[]
}

const batch = 20_000

/** Asks library and oracle about generated arguments of a grant, half of them one edit away from legal ones. */
export async function compare(
  policy: Policy,
  grant: string,
  count: number,
  oracle: Oracle,
  seed = 1,
): Promise<Comparison> {
  const generated = argvs(meanings[grant] ?? [], count, randomFrom(seed))
  return compareCases(policy, grant, count, oracle, () => {
    const args = generated.next().value ?? []
    return { library: libraryAllows(policy, args), args }
  })
}

/** Asks the oracle about so many cases, which are drawn one by one. */
export async function compareCases(
  policy: Policy,
  grant: string,
  count: number,
  oracle: Oracle,
  draw: () => Case,
): Promise<Comparison> {
  const began = performance.now()
  const found = { grant, asked: 0, allowed: 0, moved: 0, disagreements: 0 }
  const examples: Case[] = []
  while (found.asked < count) {
    const some = Array.from({ length: Math.min(batch, count - found.asked) }, draw)
    const answers = await oracle(some.map(({ args }) => args))
    for (const [index, { library, args }] of some.entries()) {
      found.asked++
      if (library && answers[index]) found.allowed++
      if (library === answers[index]) continue
      if (!library && libraryAllowsJoined(policy, args)) found.moved++
      else if (++found.disagreements <= 10) examples.push({ library, args })
    }
  }
  return { ...found, seconds: (performance.now() - began) / 1000, examples }
}
