import type { Policy } from '../../policy/policy.ts'
import { socketPath } from '../../transport/daemon/path.ts'
import { head } from './directive.ts'
import { groupOf } from './paths.ts'

/**
 * `privexecd-<policy>.socket`. Who may open it is who may use the policy, so that the group and the mode are the first
 * check of a request. tmpfiles.d makes the directory with its group; systemd alone would make it root's, which fails closed.
 */
export function renderSocket({ name, principal }: Policy): string {
  return [
    ...head(name),
    '[Unit]',
    `Description=Socket of the root-side broker of the policy ${name}`,
    '',
    '[Socket]',
    `ListenStream=${socketPath(name)}`,
    'SocketUser=root',
    `SocketGroup=${groupOf(principal)}`,
    'SocketMode=0660',
    'DirectoryMode=0750',
    '# Callers that come while the broker starts wait in the kernel.',
    'Backlog=4096',
    'RemoveOnStop=yes',
    '',
    '[Install]',
    'WantedBy=sockets.target',
    '',
  ].join('\n')
}
