import type { Policy } from '../policy/policy.ts'
import { callPath } from '../transport/portable/path.ts'
import { sudoersName } from './sudoers.ts'
import { head } from './units/directive.ts'
import { defaultNode, nodeOptions, plainPath, privexecd } from './units/paths.ts'

/**
 * The drop-in of a policy with the transport `portable`, the same for sudo and sudo-rs: one program of root's that takes
 * no argument, so that there is nothing to match. It sets no defaults: sudo-rs refuses a whole file for one it does not
 * know, and the program needs none.
 */
export function renderPortable({ name, summary, hash, principal }: Policy): string {
  const who = sudoersName(principal)
  return [
    `# privexec policy ${name}: ${summary}`,
    '# Rendered from the policy; change that and render again. For sudo and sudo-rs alike.',
    `# policy-hash ${hash}`,
    '',
    '# The request comes on standard input, and the program decides.',
    `${who} ALL=(root) NOPASSWD: ${callPath(name)} ""`,
    '',
  ].join('\n')
}

/**
 * `call-<policy>`: runs the root-side broker for one request. Whatever environment, directory or mask a sudo lets through,
 * the broker starts with these; `SUDO_UID` is sudo's own word for who calls. So are the limits that could end the broker
 * before its operation; Node itself undoes ignored signals. `node` is the absolute path of Node.
 */
export function renderCall({ name }: Policy, node = defaultNode): string {
  const environment = ['SUDO_UID="$SUDO_UID"', 'LC_ALL=C', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin']
  const argv = [plainPath(node), ...nodeOptions, privexecd, '--once', name]
  return [
    '#!/bin/sh',
    ...head(name),
    '# Started by sudo, for one request on standard input.',
    'cd / && umask 022 || exit 71',
    'for limit in t f d v; do ulimit -$limit unlimited || exit 71; done',
    'ulimit -n 4096 || exit 71',
    `exec /usr/bin/env -i ${environment.join(' ')} ${argv.join(' ')}`,
    '',
  ].join('\n')
}
