import { choice, literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { isWithin, notWithin } from './narrow.ts'
import { type ArgumentType, textType } from './type.ts'

const plain = ['A-Z', 'a-z', '0-9', '_', '@', '+', '=', ':', ',', '%', '~', '-']

/** `.`, `..` and the empty name are not names; a name may begin with one dot when something else follows it. */
const name = sequence(repeat(literal('.'), 0, 1), oneOf(...plain), repeat(oneOf('.', ...plain), 0, 127))
/** Names of a whole path. */
const mostNames = 24
const names = (most: number): Pattern => repeat(sequence(literal('/'), name), 1, most)

/**
 * An absolute path inside a container: no `.` and `..`, no empty names, no blank. At most 24 names of at most 129
 * characters. A policy may narrow it to directories, `below: [/opt, /etc/myapp]`. Links inside the container are the
 * container's business: the path never leaves it.
 */
export function containerPath(below: readonly string[] = []): ArgumentType<string> {
  const pattern = below.length === 0 ? names(mostNames) : choice(...below.map(namesBelow))
  return textType(
    {
      name: 'path in the container',
      allowed: `an absolute path of letters, digits and _@+=:,.%~- without . or .. as a name${where(below)}`,
      pattern,
      bound: {
        key: 'below',
        required: false,
        summary: 'Directories of the container below which the path must be',
        schema: z =>
          z.array(z.string().regex(directories, 'an absolute path such as /opt/myapp is needed')).min(1).max(8),
        narrow: (limit: readonly string[]) => {
          const wider = below.length > 0 ? limit.find(directory => !isWithin(directory, below)) : undefined
          if (wider !== undefined) throw notWithin(wider, below.join(', '))
          return containerPath(limit)
        },
      },
    },
    toRegExp(pattern),
  )
}

/** The names of the directory count too: a policy only narrows. */
const namesBelow = (directory: string): Pattern =>
  sequence(literal(directory), names(mostNames - (directory.split('/').length - 1)))

const directories: RegExp = toRegExp(names(mostNames - 1))

const where = (below: readonly string[]): string => (below.length === 0 ? '' : `, below ${below.join(' or ')}`)
