import { mendVerb } from './mend-verb.ts'

/** `pgd gc`. */
export const verb = mendVerb('gc', 'Delete branches, data and snapshots that have had their time', (pgd, options) =>
  pgd.gc(options),
)
