import type { Zod } from '../argument/type.ts'
import type { Limits } from './policy.ts'

/** What a policy has that names no limits. */
export const defaultLimits: Limits = { running: 16, queue: 64, perMinute: 6000, content: 67_108_864 }

/** Schema of `limits`; what is left out has its default. */
export function limitsSchema(z: Zod) {
  const between = (from: number, to: number, key: keyof Limits, summary: string) =>
    z.number().int().min(from).max(to).default(defaultLimits[key]).describe(summary)
  return z
    .strictObject({
      running: between(1, 1024, 'running', 'Operations at the same time'),
      queue: between(0, 100_000, 'queue', 'Operations that wait for a place; one more is refused'),
      perMinute: between(1, 1_000_000, 'perMinute', 'Requests in a minute; one more is refused'),
      content: between(1, 1_073_741_824, 'content', 'Bytes of content of one operation'),
    })
    .describe('Limits of all connections of the principal together; with the transports `daemon` and `portable` only')
}
