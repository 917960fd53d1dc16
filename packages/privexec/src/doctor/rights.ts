import { markerOf } from '../command/slots.ts'
import { escapeValue } from '../errors/escape.ts'
import { toSudoers } from '../pattern/dialect.ts'
import type { Policy } from '../policy/policy.ts'
import { ruleOf } from '../render/sudoers.ts'
import { callPath } from '../transport/portable/path.ts'
import { endOperation, sudoPath } from '../transport/sudo/paths.ts'
import type { Account } from './accounts.ts'
import { breadthOf } from './breadth.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { type ListedRule, parseListing } from './sudo-list.ts'

interface Expected {
  readonly id: string
  readonly command: string
  readonly runAs: string
  /** Seconds; undefined where the rule has none. */
  readonly timeout?: number
}

/** The rules of sudo that a policy renders to, as sudo lists them; a policy with a socket has none. */
export function expectedRules({ name, transport, grants, runAs }: Policy): Expected[] {
  if (transport === 'daemon') return []
  if (transport === 'portable') {
    return [{ id: 'the root-side broker', command: `${callPath(name)} ""`, runAs: 'root' }]
  }
  const end = `${endOperation} ${toSudoers(markerOf(name))}`
  return [
    ...grants.map(grant => ({ id: grant.id, command: ruleOf(grant), runAs, timeout: grant.timeout })),
    { id: 'end-operation', command: end, runAs: 'root', timeout: 30 },
  ]
}

/** Effective rights of the principal, as sudo itself lists them: all of ours, and everything beyond them. */
export const rightsCheck: Check = async context => {
  const found = findings('rights')
  const { accounts, problem, policy } = context
  if (problem !== undefined) {
    if (accounts.length === 0) found.error(problem, 'Create it, or correct the principal of the policy')
    else found.note(problem)
  }
  if (accounts.length === 0 && problem === undefined) found.note(`The group ${policy.principal.name} has no members`)
  for (const account of accounts) await judge(found, account, context)
  const names = accounts.map(({ name }) => name).join(', ')
  found.okIfNone(
    policy.transport === 'daemon'
      ? `sudo grants ${names} nothing beyond other policies (sudo -ll -U)`
      : `sudo grants ${names} what the policy says, and nothing else (sudo -ll -U)`,
  )
  return found.list
}

async function judge(found: Findings, account: Account, { machine, policy, others }: Context): Promise<void> {
  const { name } = account
  const own = machine.uid === account.uid
  const asked = own
    ? await machine.run([sudoPath, '-n', '-ll'])
    : await machine.run([sudoPath, '-n', '-ll', '-U', name])
  const listing = parseListing(asked.stdout)
  if (!listing) {
    const isNeeded = policy.transport !== 'daemon'
    if (!isNeeded && asked.exitCode === undefined) found.note(`There is no sudo, by which ${name} could have more`)
    else if (machine.uid === 0)
      found.warning(`sudo -ll -U ${name} gives no list: ${escapeValue(asked.stderr.trim(), 160)}`)
    else found.unknown(`What sudo grants ${name} can be listed by root only`, 'Run privexec doctor as root')
    return
  }
  const expected = expectedRules(policy)
  const known = others.flatMap(expectedRules)
  for (const each of expected) {
    if (!listing.rules.some(rule => isSame(rule, each))) {
      found.error(`sudo does not grant ${name} ${each.id} as the policy does`, 'See the checks of the drop-in')
    }
  }
  for (const rule of listing.rules) {
    if (expected.some(each => isSame(rule, each))) continue
    const other = known.find(each => isSame(rule, each))
    if (other) found.note(`${name} also has ${other.id}, of another policy`)
    else report(found, name, rule, listing.passwordless, policy)
  }
}

const isSame = (rule: ListedRule, expected: Expected): boolean =>
  rule.command === expected.command &&
  rule.runAsUsers === expected.runAs &&
  rule.runAsGroups === '' &&
  rule.timeout === expected.timeout &&
  rule.options.join() === '!authenticate'

/**
 * A person who may become an administrator with a password is an administrator; whoever takes over her processes has no
 * password. Without one, or for a service, an open rule undoes the policy.
 */
function report(found: Findings, name: string, rule: ListedRule, passwordless: boolean, policy: Policy): void {
  const { kind, why } = breadthOf(rule.command)
  const free = rule.options.includes('!authenticate') || (passwordless && !rule.options.includes('authenticate'))
  const target = [rule.runAsUsers, rule.runAsGroups && `group ${rule.runAsGroups}`].filter(Boolean).join(', ')
  const text = `as ${target || 'root'}${free ? ' without a password' : ''}: ${escapeValue(rule.command, 200)} (${why})`
  const from = rule.source ? `, from ${rule.source}` : ''
  if (kind === 'denied') {
    found.note(`${name} has a rule that takes away${from}, ${text}`, 'A rule with ! is no protection')
    return
  }
  const undoes = kind !== 'narrow' && (free || policy.principal.service)
  found.add(
    undoes ? 'error' : 'warning',
    `${name} has a rule beyond the policy${from}, ${text}`,
    undoes ? 'Remove the rule: with it the policy protects nothing' : 'Check that this account should have it',
  )
}
