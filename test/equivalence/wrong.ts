import { numberBetween } from '../../packages/privexec/src/index.ts'

/** A mistake in a rule, of the kinds that hand-written rules have; each must be found, or the comparison proves little. */
export interface Mistake {
  readonly command: string
  readonly name: string
  readonly make: (rule: string) => string
}

const swap = (from: string, to: string) => (rule: string) => {
  if (!rule.includes(from)) throw new Error(`the rule has no ${from}: ${rule}`)
  return rule.replace(from, () => to)
}

const range = numberBetween(20_000, 20_999).source

export const mistakes: readonly Mistake[] = [
  ['pct.exec', 'a range that is one too long', swap(range, numberBetween(20_000, 21_000).source)],
  ['pct.exec', 'a range that is one too short', swap(range, numberBetween(20_001, 20_999).source)],
  ['pct.exec', 'a program that may be an option', swap('[A-Za-z0-9_/]', '[A-Za-z0-9_/-]')],
  ['pct.exec', 'a tail one block too long', swap('{0,14}', '{0,15}')],
  ['pct.push', 'an account with capital letters', swap('([a-z_][a-z0-9_-]', '([A-Za-z_][A-Za-z0-9_-]')],
  ['pct.push', 'a mode with a set-user-id bit', swap('--perms 0', '--perms [0-7]')],
  ['pct.push', 'an option that must be there', swap('( --perms 0[0-7]{3})?', ' --perms 0[0-7]{3}')],
  ['zfs.mount', 'an end without its anchor', swap('{2}$', '{2}[ -~]{0,99}$')],
  ['zfs.mount', 'a choice without its parentheses', (rule: string) => `${rule.slice(0, -1)}|x$`],
  ['zfs.unmount', 'a class with a dot', swap('[A-Za-z0-9_-]', '[A-Za-z0-9._-]')],
  ['zfs.unmount', 'a length that is one too great', swap('{0,62}', '{0,63}')],
  ['zfs.unmount', 'a length that is one too small', swap('{0,62}', '{0,61}')],
  ['zfs.unmount', 'a depth that is one too great', swap('{2}', '{2,3}')],
  ['zfs.project', 'a length that is one too great', swap('{0,62}', '{0,63}')],
  ['zfs.create', 'a class with a dot', swap('[A-Za-z0-9_-]', '[A-Za-z0-9._-]')],
  ['zfs.snapshot', 'a value that may have a percent sign', swap('@=,-]{0,255}', '@=,%-]{0,255}')],
  ['zfs.set', 'a value with a blank', swap('@=,-]{0,255}', '@=, -]{0,255}')],
  ['zfs.destroy', 'a class with a dot', swap('[A-Za-z0-9_-]', '[A-Za-z0-9._-]')],
  ['zfs.destroy', 'the base itself', swap('databases/', 'databases/?')],
  ['zfs.own', 'an account with capital letters', swap('([a-z_][a-z0-9_-]', '([A-Za-z_][A-Za-z0-9_-]')],
].map(([command, name, make]) => ({ command, name, make }) as Mistake)
