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
  readonly examples: readonly { readonly library: boolean; readonly args: readonly string[] }[]
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
  const began = performance.now()
  const found = { grant, asked: 0, allowed: 0, moved: 0, disagreements: 0 }
  const examples: { library: boolean; args: readonly string[] }[] = []
  while (found.asked < count) {
    const some = Array.from({ length: Math.min(batch, count - found.asked) }, () => generated.next().value ?? [])
    const answers = await oracle(some)
    for (const [index, args] of some.entries()) {
      const library = libraryAllows(policy, args)
      found.asked++
      if (library && answers[index]) found.allowed++
      if (library === answers[index]) continue
      if (!library && libraryAllowsJoined(policy, args)) found.moved++
      else if (++found.disagreements <= 10) examples.push({ library, args })
    }
  }
  return { ...found, seconds: (performance.now() - began) / 1000, examples }
}
