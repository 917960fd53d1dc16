import type { SetupTransport, Wish } from './wish.ts'

/** First line of a policy that the setup may replace. */
export const madeBy = '# Made by pgd setup, which may be run again.'

/** Commands that the broker carries out where ZFS has no delegation; with it, it mounts and no more. */
const all = ['list', 'project', 'create', 'clone', 'snapshot', 'set', 'rename', 'promote', 'destroy', 'own'] as const
const mounts = ['mount', 'unmount'] as const

/** How the policy is put in force, and for what. */
export interface PolicyKind {
  readonly transport: SetupTransport
  readonly hasDelegation: boolean
}

/** A mount takes a moment, but those of many branches at once wait for one another and for a busy machine. */
const longest = '2m'

/** The policy of the broker, as `privexec policy install` takes it. */
export function policyText({ base, group, mountpoint }: Wish, { transport, hasDelegation }: PolicyKind): string {
  const where = (verb: string): string => {
    // Only the command that gives a mounted directory away names it; all others ask ZFS.
    const more = verb === 'own' ? `, mountpoint: "${mountpoint}"` : ''
    return `    where: { base: { dataset: "${base}", depth: 2${more} } }`
  }
  const verbs = hasDelegation ? mounts : [...all, ...mounts]
  const summary = hasDelegation
    ? 'Mount and unmount the datasets of branched databases'
    : 'Make, mount and destroy the datasets of branched databases, where ZFS has no delegation'
  const lines = [
    madeBy,
    'policy: pgd',
    `summary: ${summary}`,
    'principal:',
    `  group: ${group}`,
    ...(transport === 'sudo' ? [] : ['transport: daemon']),
    'audit:',
    `  file: "${transport === 'sudo' ? '{state}/privexec/pgd.jsonl' : '/var/log/privexec/pgd/audit.jsonl'}"`,
    // Each step of each branch is an operation.
    ...(hasDelegation ? [] : ['limits:', '  perMinute: 60000']),
    'grants:',
    ...verbs.flatMap(verb => [`  - command: zfs.${verb}`, where(verb), `    timeout: ${longest}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Dataset that a policy of the setup is for; undefined when it is another text. */
export const baseOfText = (text: string): string | undefined =>
  text.startsWith(`${madeBy}\n`) ? /dataset: "([^"]+)"/.exec(text)?.[1] : undefined
