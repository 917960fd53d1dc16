import type { Policy } from '../../policy/policy.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import { head, linesOf } from './directive.ts'
import { defaultNode, nodeOptions, nodeVariables, plainPath, privexecd, unitName, writtenDirectories } from './paths.ts'
import { boundingSet, reachOf, serviceSandbox, usesZfs } from './service-sandbox.ts'

/** Seconds without a connection after which the broker ends; the socket starts it again. */
export const idleSeconds = 60

/**
 * `privexecd-<policy>.service`: the root-side broker of a policy, started by its socket, in the tightest sandbox in which
 * the commands of the policy still work. `node` is the absolute path of Node.
 */
export function renderService(policy: Policy, node = defaultNode): string {
  const { name } = policy
  const argv = [plainPath(node), ...nodeOptions, privexecd, '--policy', name, '--idle', String(idleSeconds)]
  return [
    ...head(name),
    '# Why each line is there or is not: docs/reference/unit-sandbox.md.',
    '[Unit]',
    `Description=Root-side broker of the policy ${name}`,
    `Requires=${unitName(name)}.socket`,
    `After=${unitName(name)}.socket`,
    '',
    '[Service]',
    'Type=notify',
    '# A child notifies: Node has no datagram sockets of unix.',
    'NotifyAccess=all',
    `ExecStart=${argv.join(' ')}`,
    '# Outside the sandbox: what runs in a container belongs to the control group of the container.',
    `ExecStopPost=+${endOperation} --policy ${name}`,
    'WorkingDirectory=/',
    `UnsetEnvironment=${nodeVariables.join(' ')}`,
    'Restart=on-failure',
    '# A policy that cannot be used does not become better by repetition.',
    'RestartPreventExitStatus=78',
    'TimeoutStartSec=90',
    'TimeoutStopSec=30',
    'Delegate=yes',
    'KillMode=control-group',
    '# One operation that takes too much memory is not the end of the others.',
    'OOMPolicy=continue',
    `AppArmorProfile=-${unitName(name)}`,
    ...writtenDirectories(policy).map(path => `ReadWritePaths=${path}`),
    ...(usesZfs(policy) ? ['DeviceAllow=/dev/zfs rw'] : []),
    `CapabilityBoundingSet=${boundingSet(policy).join(' ')}`,
    ...linesOf(serviceSandbox, reachOf(policy)),
    '',
  ].join('\n')
}
