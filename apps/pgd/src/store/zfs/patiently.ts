import { setTimeout as delay } from 'node:timers/promises'
import type { ZfsEnd } from './verbs.ts'

/** Milliseconds that what holds a dataset has to let go of it; and from one question to the next, at first and at last. */
const [limit, first, last] = [2000, 10, 100]

/** Repeats what says that the dataset is busy, for two seconds. */
export async function patiently(verb: () => Promise<ZfsEnd>): Promise<ZfsEnd> {
  const until = performance.now() + limit
  for (let pause = first; ; pause = Math.min(pause * 2, last)) {
    const end = await verb()
    if (end.failure?.kind !== 'busy' || performance.now() > until) return end
    await delay(pause)
  }
}
