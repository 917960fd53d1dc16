import { setTimeout as delay } from 'node:timers/promises'
import type { ZfsEnd } from './verbs.ts'

/** How often, and milliseconds between: what holds a dataset may be about to let go of it. */
const [tries, pause] = [20, 100]

/** Repeats what says that the dataset is busy, for two seconds. */
export async function patiently(verb: () => Promise<ZfsEnd>): Promise<ZfsEnd> {
  for (let left = tries; ; left -= 1) {
    const end = await verb()
    if (end.failure?.kind !== 'busy' || left <= 1) return end
    await delay(pause)
  }
}
