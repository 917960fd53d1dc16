import { literal, oneOf, repeat, sequence, toRegExp, upTo } from '../pattern/dialect.ts'
import type { ArgumentType, Zod } from './type.ts'

/** Characters of all arguments together, joined with blanks; a multiple of 255, see `upTo`. */
const longest = 3825

const printable = oneOf(' -~')
const program = sequence(
  oneOf('A-Z', 'a-z', '0-9', '_', '/'),
  repeat(oneOf('A-Z', 'a-z', '0-9', '_', '/', '.', '+', '-'), 0, 127),
)

type Line = readonly [program: string, ...args: string[]]

/**
 * A program and its arguments: the rest of the argv. The program is a name or a path, which is no option and sets no
 * variable; arguments are printable ASCII. Arguments may hold blanks, and sudo cannot tell `a b` from `a` and `b`: every
 * split of the text is allowed, so nothing follows from that. A policy cannot narrow the program for the same reason:
 * joined to the marker before it, it would be no program any more, and the argument after it would be one.
 */
export function programAndArguments(): ArgumentType<Line> {
  return {
    name: 'program and arguments',
    allowed: `the name or path of a program, then arguments of printable ASCII, ${longest} characters in all`,
    shape: 'tail',
    pattern: sequence(program, repeat(sequence(literal(' '), upTo(longest, printable)), 0, 1)),
    schema: lineSchema,
    spell: value => value,
    read: elements => elements as unknown as Line,
  }
}

function lineSchema(z: Zod) {
  const word = z.string().regex(/^[ -~]*$/)
  return z
    .tuple([z.string().regex(toRegExp(program))], word)
    .refine(line => line.slice(1).join(' ').length <= longest) as unknown as ReturnType<ArgumentType<Line>['schema']>
}
