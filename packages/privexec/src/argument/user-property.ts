import { choice, literal, oneOf, sequence, toRegExp, upTo } from '../pattern/dialect.ts'
import { type ArgumentType, textType } from './type.ts'

/** No blank, comma's neighbours as they stand: what people read in `zfs get`, and no shell or zfs reads as anything else. */
const text = sequence(oneOf('a-z'), upTo(1020, oneOf('A-Z', 'a-z', '0-9', '_', '.', ':', '+', '/', '@', '=', ',', '-')))

/** `NAME=TEXT` for one of these user properties of ZFS, whose names have a colon, so that none is a property of ZFS itself. */
export function userProperty(...names: readonly `${string}:${string}`[]): ArgumentType<string> {
  const pattern = sequence(choice(...names.map(name => literal(`${name}=`))), text)
  return textType(
    {
      name: 'user property',
      allowed: `${names.join(', ')}, then = and 1 to 1021 letters, digits and _ . : + / @ = , - that begin with a small letter`,
      pattern,
    },
    toRegExp(pattern),
  )
}
