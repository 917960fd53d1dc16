import { grant } from '../../policy/grant.ts'
import type { Policy } from '../../policy/policy.ts'
import { renderSudoers } from '../../render/sudoers.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import { type Rule, ruleOf } from '../samples/rule.ts'

/** A rule with the surroundings that sudo gives it. */
export interface TimedRule extends Rule {
  readonly alias: string
  /** Seconds; undefined where the drop-in has none. */
  readonly timeout: number | undefined
}

/** What a drop-in says, as far as it has the form that we render. */
export interface RuleSet {
  readonly rules: readonly TimedRule[]
  /** `appstore`, or `%pgd` for a group. */
  readonly principals: readonly string[]
  readonly runAs: readonly string[]
  readonly defaults: readonly string[]
  /** Lines of another form: what they allow is not known here. */
  readonly foreign: readonly { readonly line: number; readonly text: string }[]
}

/** What the drop-in of a policy says, under the name of another policy, so that markers and paths do not differ. */
export function ruleSetOf(policy: Policy, name: string = policy.name): RuleSet {
  const grants = policy.grants.map(each => grant(name, each.id, each.command, each.where, each.timeout))
  return readDropIn(renderSudoers({ ...policy, name, grants }))
}

/** What the settings are for, which follows from the rules; it gives no right. */
const scopeLine = /^Cmnd_Alias \w+ = \w+__END(, (\w+|\/\S+ \^[ -~]*?\( \[ -~\]\+\)\?\$))*$/

/** Reads a drop-in of the form that `renderSudoers` gives. */
export function readDropIn(text: string): RuleSet {
  const found = { rules: [] as (Rule & { alias: string })[], foreign: [] as { line: number; text: string }[] }
  const times = new Map<string, number>()
  const principals = new Set<string>()
  const runAs = new Set<string>()
  const defaults: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const [, alias = '', executable = '', source] = /^Cmnd_Alias (\w+) = (\/\S+) \^(.*)\$$/.exec(line) ?? []
    const [, who, as = '', time, granted = ''] =
      /^(\S+) ALL=\((\w[\w-]*)\) TIMEOUT=(\d+)s NOPASSWD: (\w+)$/.exec(line) ?? []
    const rule = source === undefined ? undefined : ruleOf(executable, source)
    if (/^(#.*)?$/.test(line) || scopeLine.test(line)) continue
    if (rule !== undefined) found.rules.push({ ...rule, alias })
    else if (who !== undefined) {
      principals.add(who)
      times.set(granted, Number(time))
      if (!granted.endsWith('_END')) runAs.add(as)
    } else if (line.startsWith('Defaults')) defaults.push(line)
    else found.foreign.push({ line: index + 1, text: line })
  }
  const rules = found.rules
    .filter(({ executable }) => executable !== endOperation)
    .map(rule => ({ ...rule, timeout: times.get(rule.alias) }))
  return { rules, principals: [...principals], runAs: [...runAs], defaults, foreign: found.foreign }
}
