import type { Policy } from '../../policy/policy.ts'
import type { Accounts } from '../accounts.ts'
import type { Asker } from '../serve/service.ts'

/**
 * The account behind a user id that the kernel or sudo told, and whether the policy is for it. Root may always ask; a
 * group's members are those who came this far, by the mode of the socket or by sudo's rule.
 */
export function askerOf({ principal }: Policy, accounts: Accounts, uid: number, pid: number): Asker {
  const name = accounts.userName(uid) ?? String(uid)
  const isPrincipal = uid === 0 || principal.kind === 'group' || principal.name === name
  return { uid, name, pid, isPrincipal }
}
