import { literal, oneOf, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { type ArgumentType, textType } from './type.ts'

const pattern = sequence(literal('0'), repeat(oneOf('0-7'), 3))

/** Permission bits in octal, spelled `0644`. No set-user-id, set-group-id or sticky bit can be said. */
export const fileMode = (): ArgumentType<string> =>
  textType({ name: 'file mode', allowed: 'four octal digits, the first 0, such as 0644', pattern }, toRegExp(pattern))
