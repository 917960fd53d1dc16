import { choice, literal, oneOf, type Pattern, repeat, sequence, toRegExp, upTo } from '../pattern/dialect.ts'
import { notWithin } from './narrow.ts'
import type { ArgumentType, Zod } from './type.ts'

/** Characters of all arguments together, joined with blanks; a multiple of 255, see `upTo`. */
const longest = 3825

const printable = oneOf(' -~')
const anyProgram = sequence(
  oneOf('A-Z', 'a-z', '0-9', '_', '/'),
  repeat(oneOf('A-Z', 'a-z', '0-9', '_', '/', '.', '+', '-'), 0, 127),
)

type Line = readonly [program: string, ...args: string[]]

/**
 * A program and its arguments: the rest of the argv. The program is a name or a path, which is no option and sets no
 * variable; arguments are printable ASCII. Arguments may hold blanks, and sudo cannot tell `a b` from `a` and `b`: this
 * type is for a tail in which every split of the text is allowed, so that nothing follows from it. A policy may narrow
 * the program to a list, `programs: [apt-get, /usr/bin/systemctl]`.
 */
export function programAndArguments(programs: readonly string[] = []): ArgumentType<Line> {
  const program = programs.length === 0 ? anyProgram : choice(...programs.map(literal))
  const pattern = sequence(program, repeat(sequence(literal(' '), upTo(longest, printable)), 0, 1))
  return {
    name: 'program and arguments',
    allowed: `${which(programs)}, then arguments of printable ASCII, ${longest} characters in all`,
    shape: 'tail',
    pattern,
    bound: {
      key: 'programs',
      required: false,
      summary: 'Programs of the container that may be run, by name or path',
      schema: z =>
        z
          .array(z.string().regex(toRegExp(anyProgram), 'the name or path of a program is needed'))
          .min(1)
          .max(16),
      narrow: (limit: readonly string[]) => {
        const other = programs.length > 0 ? limit.find(program => !programs.includes(program)) : undefined
        if (other !== undefined) throw notWithin(other, programs.join(', '))
        return programAndArguments(limit)
      },
    },
    schema: z => lineSchema(z, program),
    spell: value => value,
    read: elements => elements as unknown as Line,
  }
}

function lineSchema(z: Zod, program: Pattern) {
  const word = z.string().regex(/^[ -~]*$/)
  return z
    .tuple([z.string().regex(toRegExp(program))], word)
    .refine(line => line.slice(1).join(' ').length <= longest) as unknown as ReturnType<ArgumentType<Line>['schema']>
}

const which = (programs: readonly string[]): string =>
  programs.length === 0 ? 'the name or path of a program' : `one of the programs ${programs.join(', ')}`
