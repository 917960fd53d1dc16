/**
 * The bare bones of a POSIX expression: escapes and bracket expressions each become one character, `.` for a negated
 * class and `x` for what matches less.
 */
export const skeleton = (source: string): string =>
  source.replace(/\\.|\[(\^?)\]?(?:\[:\w+:\]|[^\]])*\]/gs, (_, negated?: string) => (negated === '^' ? '.' : 'x'))

/** Whether a choice stands outside of parentheses, where each anchor is bound to one side only. */
export function hasBareChoice(source: string): boolean {
  let depth = 0
  for (const character of skeleton(source)) {
    if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === '|' && depth === 0) return true
  }
  return false
}
