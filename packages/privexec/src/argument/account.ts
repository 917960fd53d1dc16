import { choice, literal, oneOf, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { type ArgumentType, textType } from './type.ts'

/** Names as useradd(8) of Debian takes them. */
const name = sequence(oneOf('a-z', '_'), repeat(oneOf('a-z', '0-9', '_', '-'), 0, 31))
const number = sequence(oneOf('1-9'), repeat(oneOf('0-9'), 0, 8))
const pattern = choice(name, literal('0'), number)

/** The name or number of a user or group, as the container knows it. */
export const account = (): ArgumentType<string> =>
  textType(
    {
      name: 'account',
      allowed: 'a name of lower-case letters, digits, _ and -, or a number of at most nine digits',
      pattern,
    },
    toRegExp(pattern),
  )
