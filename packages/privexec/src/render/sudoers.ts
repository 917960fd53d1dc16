import { markerOf, patternOf } from '../command/slots.ts'
import { markerVariable } from '../command/template.ts'
import { longestRule, toSudoers } from '../pattern/dialect.ts'
import type { Grant } from '../policy/grant.ts'
import type { Policy, Principal } from '../policy/policy.ts'
import { securePath } from '../transport/environment.ts'
import { endOperation } from '../transport/sudo/paths.ts'

/** Directory of the logs that sudo itself writes; root's, so that the principal cannot touch them. */
export const logDirectory = '/var/log/privexec'

/** The JSON event log that sudo writes for a policy. */
export const sudoLog = (policy: string): string => `${logDirectory}/sudo-${policy}.json`

/** Where sudo reads drop-ins. */
export const sudoersDirectory = '/etc/sudoers.d'

/** File name of a drop-in: sudo skips names with a dot or a tilde at the end (sudoers(5), "Including other files"). */
export const dropInName = (policy: string): string => `privexec_${policy}`

/** Where the drop-in of a policy is installed. */
export const dropInPath = (policy: string): string => `${sudoersDirectory}/${dropInName(policy)}`

/** A principal as rules of sudo name it. */
export const sudoersName = ({ kind, name }: Principal): string => (kind === 'group' ? `%${name}` : name)

/**
 * The sudoers drop-in of a policy, for sudo 1.9.10 and later. sudo-rs has no argument patterns and refuses the file: it
 * needs a broker on root's side instead.
 */
export function renderSudoers(policy: Policy): string {
  const { name, principal, grants, runAs } = policy
  const alias = `PRIVEXEC_${name.toUpperCase()}`
  const who = sudoersName(principal)
  const entries = grants.map((grant, index) => ({ grant, alias: `${alias}__${index + 1}` }))
  const end = `${alias}__END`
  return [
    `# privexec policy ${name}: ${policy.summary}`,
    '# Rendered from the policy; change that and render again. Needs sudo 1.9.10 or later; sudo-rs refuses it.',
    `# policy-hash ${policy.hash}`,
    '',
    ...entries.flatMap(({ grant, alias }) => [
      `# ${grant.id}: ${grant.command.summary}`,
      `Cmnd_Alias ${alias} = ${ruleOf(grant)}`,
    ]),
    '# Ends an operation of this policy; the time limits below are the last resort.',
    `Cmnd_Alias ${end} = ${endOperation} ${toSudoers(markerOf(name))}`,
    '# All of them: what the settings below are for.',
    `Cmnd_Alias ${alias} = ${[end, ...entries.map(({ grant, alias }) => scopeOf(grant) ?? alias)].join(', ')}`,
    '',
    `Defaults!${alias} ${surroundings(policy).join(', ')}`,
    ...loggingOf(policy, alias, who),
    '',
    ...entries.map(({ grant, alias }) => `${who} ALL=(${runAs}) TIMEOUT=${grant.timeout}s NOPASSWD: ${alias}`),
    `${who} ALL=(root) TIMEOUT=30s NOPASSWD: ${end}`,
    '',
  ].join('\n')
}

/** The command part of the rule of a grant. */
export const ruleOf = (grant: Grant): string => `${grant.command.program.executable} ${toSudoers(grant.pattern)}`

/**
 * A command that begins as the grant's do, up to the marker or the staged file, which name the policy; undefined where
 * there is neither. It is wider than the rule, but only settings depend on it and no right. sudo compiles and matches
 * it once for each setting, and with the whole of a long rule that takes several times as long as all else.
 */
export function scopeOf({ command, slots }: Grant): string | undefined {
  const last = slots.findLastIndex(slot => slot.kind === 'marker' || (slot.kind === 'argument' && slot.type.staged))
  if (last < 0) return undefined
  const scope = `^${patternOf(slots.slice(0, last + 1)).source}( [ -~]+)?$`
  return scope.length > longestRule ? undefined : `${command.program.executable} ${scope}`
}

/**
 * What a command finds when it starts. Everything is said, whatever the machine's own defaults are. The PAM session is
 * left out where root runs it: it would only move the process to another control group and cost most of the time, while
 * another account may need its limits and mounts.
 */
const surroundings = ({ runAs }: Policy): string[] => [
  'env_reset',
  '!setenv',
  `env_keep="${markerVariable}"`,
  '!env_check',
  `secure_path="${securePath}"`,
  'runcwd=/',
  'runchroot=/',
  '!stay_setuid',
  '!preserve_groups',
  'umask=0022',
  'umask_override',
  'closefrom=3',
  '!closefrom_override',
  'use_pty',
  ...(runAs === 'root' ? ['!pam_session'] : []),
]

function loggingOf({ name, principal }: Policy, alias: string, who: string): string[] {
  const log = `log_allowed, log_denied, log_exit_status, log_format=json, logfile=${sudoLog(name)}, syslog=authpriv`
  if (!principal.service) return [`Defaults!${alias} ${log}`]
  return [
    '# A service without a password: sudo need not ask for one, and so logs what it refuses.',
    `Defaults:${who} !authenticate, ${log}`,
  ]
}
