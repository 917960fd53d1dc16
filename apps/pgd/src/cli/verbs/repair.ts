import { mendVerb } from './mend-verb.ts'

/** `pgd repair`. */
export const verb = mendVerb('repair', 'Take back or see through what was interrupted', (pgd, options) =>
  pgd.repair(options),
)
