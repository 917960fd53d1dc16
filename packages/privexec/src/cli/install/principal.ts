import type { PasswdEntry } from '../../auxiliary/passwd.ts'
import { PrivexecError } from '../../errors/error.ts'
import type { Policy } from '../../policy/policy.ts'
import { groupOf } from '../../render/units/paths.ts'
import { findGroup, findUser, groupsOf } from '../accounts.ts'
import { failed } from './node.ts'

/** The account or group that a policy is for, as this machine has it. */
export interface Holder {
  /** Undefined for a group. */
  readonly user?: PasswdEntry
  readonly gid: number
  readonly group: string
}

const missing = (what: string) => new PrivexecError('PRIVEXEC_PRINCIPAL_MISSING', `There is no ${what} on this machine`)

/** Looks the principal up, and the account that commands run as. Throws `PRIVEXEC_PRINCIPAL_MISSING`. */
export async function holderOf({ principal, runAs }: Policy): Promise<Holder> {
  if ((await findUser(runAs)) === undefined) throw missing(`user ${runAs}`)
  if (principal.kind === 'group') {
    const group = await findGroup(principal.name)
    if (group === undefined) throw missing(`group ${principal.name}`)
    return { gid: group.gid, group: group.name }
  }
  const user = await findUser(principal.name)
  if (user === undefined) throw missing(`user ${principal.name}`)
  const group = await findGroup(user.gid)
  return { user, gid: user.gid, group: group?.name ?? String(user.gid) }
}

/**
 * The group of the socket. For a user it has the user's name, and the user must be in it: whoever else is may knock, and
 * is refused by the broker. Throws `PRIVEXEC_PRINCIPAL_MISSING`, or `PRIVEXEC_INSTALL_FAILED` for a user outside of it.
 */
export async function socketGroupOf(policy: Policy): Promise<{ gid: number; group: string }> {
  const { user } = await holderOf(policy)
  const name = groupOf(policy.principal)
  const group = await findGroup(name)
  if (group === undefined) throw missing(`group ${name}, to which the socket would belong,`)
  if (user !== undefined && !(await groupsOf(user.name)).includes(name)) {
    throw failed(
      `${user.name} is not in the group ${name}, so it could not open the socket: gpasswd --add ${user.name} ${name}`,
    )
  }
  return { gid: group.gid, group: group.name }
}
