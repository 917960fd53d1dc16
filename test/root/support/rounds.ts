import { pick, type Random, randomFrom } from '../../equivalence/random.ts'
import { stubbornInContainer } from '../../support/stubborn.ts'

/** What is killed in a round. */
export type Victim = 'client' | 'broker' | 'child'

/** One round: what is asked for at once, and who is killed how many milliseconds later. */
export interface Round {
  readonly victim: Victim
  readonly delay: number
  readonly requests: readonly object[]
  /** Which of the processes of the operations is hit, where one is: as a part of all of them, 0 or more and below 1. */
  readonly share: number
}

const name = (random: Random): string => `tank/n${random(1000)}`

/** Quick, long, and forking away in every direction; on the host and in the container. */
const kinds: readonly ((random: Random) => object)[] = [
  random => ({ command: 'test.nothing', input: { name: name(random) } }),
  random => ({ command: 'test.script', input: { name: name(random) }, stdin: true }),
  random => ({ command: 'test.script', input: { name: `tank/long${random(1000)}` }, timeout: 700 }),
  random => ({ command: 'test.stubborn', input: { name: name(random) } }),
  random => ({ command: 'test.stubborn', input: { name: name(random) }, timeout: 300 }),
  () => ({ command: 'pct.exec', input: { vmid: 20001, command: ['echo', 'inside'] } }),
  () => ({ command: 'pct.exec', input: { vmid: 20001, command: stubbornInContainer }, timeout: 900 }),
]

/** The round of a seed; the same for the same. Seeds that are neighbours are spread first. */
export function roundOf(seed: number): Round {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1))
  const victim = pick(random, ['client', 'broker', 'child'] as const)
  return {
    victim,
    // Most children do not live long.
    delay: victim === 'child' ? random(50) : pick(random, [0, random(20), random(100), random(1000)]),
    requests: Array.from({ length: 1 + random(4) }, () => pick(random, kinds)(random)),
    share: random(1000) / 1000,
  }
}
