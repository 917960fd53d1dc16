import { dirname, join } from 'node:path/posix'
import { stagingDirectory } from '../argument/staged-content.ts'
import { contentField } from '../command/slots.ts'
import { escapeValue } from '../errors/escape.ts'
import { stagingProblems } from '../staging/check.ts'
import type { Check, Context } from './context.ts'
import { findings } from './finding.ts'
import { modeText } from './trust.ts'

/** Staged content that is older than the longest operation is nobody's: milliseconds. */
const stale = 24 * 3600 * 1000

/** Whether an argv of the policy holds the path of a staged file; whoever stages it. */
export const stages = ({ policy }: Pick<Context, 'policy'>): boolean =>
  policy.grants.some(({ slots }) => contentField(slots) !== undefined)

/** Whether the principal itself stages content, and so comes near the files that root opens. */
export const sharesStaging = (context: Pick<Context, 'policy'>): boolean =>
  context.policy.transport === 'sudo' && stages(context)

/**
 * The directory from which root reads pushed content: root's all the way, and entered by the principal's group only, or
 * by nobody where root itself puts the content there.
 */
export const stagingCheck: Check = async context => {
  const found = findings('staging')
  if (!stages(context)) {
    found.ok('No grant of this policy stages content')
    return found.list
  }
  const { policy, machine, group, now } = context
  const drop = stagingDirectory(policy.name)
  const gate = dirname(drop)
  const install = 'Run privexec policy install as root'
  const isShared = sharesStaging(context)
  const wanted = isShared ? 0o710 : 0o700
  const { value: entry, fault } = await machine.look(gate)
  if (fault === undefined) {
    if ((entry.mode & 0o001) !== 0) {
      found.error(
        `${gate} may be entered by everybody (mode ${modeText(entry.mode)}, not ${modeText(wanted)})`,
        install,
      )
    } else if ((entry.mode & 0o777) !== wanted) {
      found.warning(`${gate} has mode ${modeText(entry.mode)}, not ${modeText(wanted)}`, install)
    }
    if (isShared && group !== undefined && entry.gid !== group) {
      found.error(`${gate} has the group ${entry.gid}, not the principal's, ${group}`, install)
    }
  }
  const { value: names, fault: closed } = await machine.list(drop)
  if (closed === 'EACCES')
    found.unknown(`${drop} may be looked at by its group and root only`, 'Run privexec doctor as root')
  else for (const problem of await stagingProblems(drop, isShared ? 'shared' : 'private')) found.error(problem, install)
  let old = 0
  for (const name of names ?? []) {
    const path = join(drop, name)
    const { value: file } = await machine.look(path)
    if (file === undefined) continue
    if (file.kind !== 'file')
      found.error(
        `${escapeValue(path, 160)} is no regular file: somebody tries to lead root astray`,
        'Find out who, and remove it',
      )
    else if (now - file.modified > stale) old += 1
  }
  if (old > 0)
    found.warning(`${drop} holds ${old} staged files of more than a day`, 'They were left by a crash; remove them')
  found.okIfNone(
    isShared
      ? `${drop} is root's and sticky, and only the principal's group reaches it`
      : `${drop} is root's, and only root reaches it`,
  )
  return found.list
}
