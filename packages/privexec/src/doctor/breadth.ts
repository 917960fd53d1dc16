import { hasBareChoice, skeleton } from './expression.ts'

/** How much a command of a sudoers rule lets through. */
export interface Breadth {
  /** `all` and `open` are root with extra steps; `narrow` is a fixed command; `denied` takes away. */
  readonly kind: 'all' | 'open' | 'narrow' | 'denied'
  readonly why: string
}

/**
 * Judges the command of a rule by its text. A `*` matches blanks and slashes, so whatever follows is the caller's
 * (sudoers(5), "Wildcards in command arguments").
 */
export function breadthOf(command: string): Breadth {
  const text = command.replace(/^(?:sha(?:224|256|384|512):\S+(?:, )?\s*)+/, '')
  if (text.startsWith('!')) return { kind: 'denied', why: 'takes one command away, which another name for it passes' }
  if (text === 'ALL') return { kind: 'all', why: 'any command' }
  const [, program = text, args] = /^(\S+)(?: (.*))?$/s.exec(text) ?? []
  if (program === 'sudoedit') return { kind: 'open', why: 'edits a file as another account' }
  if (program === 'list') return { kind: 'narrow', why: 'lists what others may do' }
  if (program.endsWith('/')) return { kind: 'open', why: 'any program of a directory' }
  if (/^\^.*\$$/.test(program) || /[*?[]/.test(program)) return { kind: 'open', why: 'any program of a pattern' }
  if (args === undefined) return { kind: 'open', why: 'any arguments' }
  if (args === '""') return { kind: 'narrow', why: 'no arguments' }
  if (/^\^.*\$$/s.test(args)) return expression(args.slice(1, -1))
  return /(^|[^\\])[*?[]/.test(args)
    ? { kind: 'open', why: 'a wildcard, which matches blanks and slashes too' }
    : { kind: 'narrow', why: 'these arguments' }
}

/** An expression is narrow when it holds no dot, no negated class and no bare choice; what it means is not asked. */
function expression(source: string): Breadth {
  if (skeleton(source).includes('.')) return { kind: 'open', why: 'an expression that lets any character through' }
  if (hasBareChoice(source)) return { kind: 'open', why: 'a bare choice, which is anchored on one side only' }
  return { kind: 'narrow', why: 'arguments of an expression' }
}
