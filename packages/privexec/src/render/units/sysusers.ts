import type { Policy } from '../../policy/policy.ts'
import { head } from './directive.ts'

/**
 * `sysusers.d/privexec-<policy>.conf`: the account of a service with a group of the same name, or the group whose members
 * are the principals. Undefined for a person, whose account is not ours to make.
 */
export function renderSysusers({ name, summary, principal }: Policy): string | undefined {
  if (principal.kind === 'user' && !principal.service) return undefined
  const account = principal.name
  const line =
    principal.kind === 'group' ? `g ${account} -` : `u ${account} - "${summary}" /var/lib/${account} /usr/sbin/nologin`
  return [...head(name), line, ''].join('\n')
}
