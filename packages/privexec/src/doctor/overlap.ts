import { hasBareChoice } from './expression.ts'

/** A command of a sudoers rule, cut after its program. */
export interface SudoersCommand {
  readonly program: string
  /** Undefined when the rule leaves the arguments open. */
  readonly args?: string
}

/** Cuts the text of a command as sudo and cvtsudoers write it. */
export function splitCommand(text: string): SudoersCommand {
  const [, program = text, args] = /^(\S+)(?: (.*))?$/s.exec(text) ?? []
  return args === undefined ? { program } : { program, args }
}

/**
 * Whether two commands may match the same call. No is certain: the programs differ, or the arguments begin with
 * different texts. Yes is a guess, since what two patterns share is not computed.
 */
export function mayOverlap(a: SudoersCommand, b: SudoersCommand): boolean {
  const open = [a, b].some(({ program }) => program === 'ALL' || program.endsWith('/') || /[*?[^]/.test(program))
  if (!open && a.program !== b.program) return false
  if (a.args === undefined || b.args === undefined) return true
  const [left, right] = [fixedStart(a.args), fixedStart(b.args)]
  return left.startsWith(right) || right.startsWith(left)
}

/** The text with which every match begins. */
function fixedStart(args: string): string {
  if (args === '""') return ''
  if (!/^\^.*\$$/s.test(args)) return /^[^*?[\\]*/.exec(args)?.[0] ?? ''
  const source = args.slice(1, -1)
  if (hasBareChoice(source)) return ''
  const [start = ''] = /^[^[({.*+?|\\$]*/.exec(source) ?? []
  return /[*?{]/.test(source[start.length] ?? '') ? start.slice(0, -1) : start
}
