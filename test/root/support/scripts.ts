import { join } from 'node:path'

/** The argv that makes calls under a policy, by this Node. */
export const scriptOf = (policy: string): string[] => [
  process.execPath,
  '--conditions=@broker/source',
  join(import.meta.dirname, 'call.ts'),
  policy,
  'in order',
]
