import type { Policy } from '../policy/policy.ts'
import { callPath } from '../transport/portable/path.ts'
import { renderCall } from './portable.ts'
import { renderBrokerProfile } from './units/apparmor.ts'
import { unitName } from './units/paths.ts'
import { renderService } from './units/service.ts'
import { renderSocket } from './units/socket.ts'
import { renderSysusers } from './units/sysusers.ts'
import { renderTmpfiles } from './units/tmpfiles.ts'

/** A file of root's that a policy needs on the machine. */
export interface SystemFile {
  readonly path: string
  readonly mode: number
  readonly what: string
  readonly text: string
}

/** Where an administrator's units lie. */
export const unitDirectory = '/etc/systemd/system'

/** Where systemd-tmpfiles and systemd-sysusers read what an administrator wrote. */
export const tmpfilesDirectory = '/etc/tmpfiles.d'
export const sysusersDirectory = '/etc/sysusers.d'

/** Where AppArmor reads profiles. */
export const profileDirectory = '/etc/apparmor.d'

/** What systemd needs for a policy with the transport `daemon`; nothing for another. */
export function systemdFiles(policy: Policy, node: string): SystemFile[] {
  if (policy.transport !== 'daemon') return []
  const { name } = policy
  const sysusers = renderSysusers(policy)
  const file = (path: string, what: string, text: string): SystemFile => ({ path, mode: 0o644, what, text })
  return [
    ...(sysusers === undefined ? [] : [file(`${sysusersDirectory}/privexec-${name}.conf`, 'the principal', sysusers)]),
    file(`${tmpfilesDirectory}/privexec-${name}.conf`, 'directories after a boot', renderTmpfiles(policy)),
    file(`${unitDirectory}/${unitName(name)}.service`, 'unit of the root-side broker', renderService(policy, node)),
    file(`${unitDirectory}/${unitName(name)}.socket`, 'unit of its socket', renderSocket(policy)),
  ]
}

/** What AppArmor needs for a policy with the transport `daemon`; nothing for another. */
export function apparmorFiles(policy: Policy, node: string): SystemFile[] {
  if (policy.transport !== 'daemon') return []
  const text = renderBrokerProfile(policy, node)
  return [{ path: `${profileDirectory}/${unitName(policy.name)}`, mode: 0o644, what: 'profile of the broker', text }]
}

/** The program that sudo starts for a policy with the transport `portable`; nothing for another. */
export function portableFiles(policy: Policy, node: string): SystemFile[] {
  if (policy.transport !== 'portable') return []
  const text = renderCall(policy, node)
  return [{ path: callPath(policy.name), mode: 0o755, what: 'what sudo may start', text }]
}
