import { groupOf, runDirectory, socketDirectory, unitName } from '../render/units/paths.ts'
import { socketPath } from '../transport/daemon/path.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { modeText, openness } from './trust.ts'

/** The socket of a policy: root's, for the group of the principal, and reached by nobody else. */
export const socketCheck: Check = async context => {
  const found = findings('socket')
  const { policy, accounts, machine } = context
  const name = groupOf(policy.principal)
  const { stdout } = await machine.run(['/usr/bin/getent', 'group', '--', name])
  const [, , id, members = ''] = stdout.trim().split(':')
  if (id === undefined) {
    found.error(`There is no group ${name}, to which the socket belongs`, `groupadd --system ${name}`)
    return found.list
  }
  await judge(found, context, Number(id))
  for (const account of accounts) {
    if (account.groups.includes(name)) continue
    found.error(
      `${account.name} is not in the group ${name}, so it cannot open the socket`,
      `gpasswd --add ${account.name} ${name}`,
    )
  }
  const strangers = members.split(',').filter(member => member !== '' && member !== policy.principal.name)
  if (policy.principal.kind === 'user' && strangers.length > 0) {
    found.note(`${strangers.join(', ')} may open the socket by the group ${name}; the broker refuses all but ${name}`)
  }
  found.okIfNone(`${socketPath(policy.name)} is root's, 0660, and only the group ${name} reaches it`)
  return found.list
}

async function judge(found: Findings, { policy, machine }: Context, group: number): Promise<void> {
  const start = `systemctl enable --now ${unitName(policy.name)}.socket`
  const [above, directory, socket] = [runDirectory, socketDirectory(policy.name), socketPath(policy.name)]
  const { value: run } = await machine.look(above)
  for (const problem of run === undefined ? [] : openness({ path: above, entry: run }))
    found.error(problem, `chmod 0755 ${above}`)
  for (const [path, kind, mode] of [
    [directory, 'directory', 0o750],
    [socket, 'other', 0o660],
  ] as const) {
    const { value: entry, fault } = await machine.look(path)
    if (fault === 'EACCES') {
      found.unknown(`${path} may be looked at by its group and root only`, 'Run privexec doctor as root')
      return
    }
    if (entry === undefined) {
      found.error(`${path} does not exist, so nobody can ask`, start)
      return
    }
    if (entry.kind !== kind)
      found.error(`${path} is not a ${kind === 'other' ? 'socket' : kind}`, `Remove it; ${start}`)
    if (entry.uid !== 0) found.error(`${path} belongs to the account ${entry.uid}`, `chown root ${path}`)
    if (entry.gid !== group) found.error(`${path} has the group ${entry.gid}, not ${group}`, `chgrp ${group} ${path}`)
    const more = entry.mode & ~mode
    if (more !== 0)
      found.error(
        `${path} has mode ${modeText(entry.mode)}, which is more than ${modeText(mode)}`,
        `chmod ${modeText(mode)} ${path}`,
      )
    else if (entry.mode !== mode)
      found.warning(`${path} has mode ${modeText(entry.mode)}, not ${modeText(mode)}`, start)
  }
}
