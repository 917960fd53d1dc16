/** Answers whether the command rules of a sudoers text match an argv; sudo joins the arguments with single blanks. */
export type RuleMatcher = (argv: readonly string[]) => boolean

const rule = /^Cmnd_Alias \w+ = (\/\S+) (\^.*\$)$/gm

/**
 * Reads the rules of a rendered drop-in with the expressions of JavaScript. It stands in for sudo where there is none,
 * and shows what the rules say, not what sudo does.
 */
export function ruleMatcher(sudoers: string): RuleMatcher {
  const rules = [...sudoers.matchAll(rule)].map(([, path = '', expression = '']) => ({
    path,
    expression: new RegExp(expression),
  }))
  return ([program, ...args]) =>
    rules.some(({ path, expression }) => path === program && expression.test(args.join(' ')))
}
