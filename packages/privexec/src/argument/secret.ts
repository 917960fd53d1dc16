import { literal } from '../pattern/dialect.ts'
import type { ArgumentType } from './type.ts'

/**
 * A value that has no spelling: a definition that puts it in an argv is refused when it is built. Secrets travel as
 * content or on standard input, because every process of the machine may read an argv, and root's environment is logged.
 */
export const secret = (): ArgumentType<never> => ({
  name: 'secret',
  allowed: 'nothing: a secret is given as content or on standard input',
  shape: 'none',
  pattern: literal('-'),
  schema: z => z.never(),
  spell: () => [],
  read: () => {
    throw new TypeError('A secret has no spelling')
  },
})
