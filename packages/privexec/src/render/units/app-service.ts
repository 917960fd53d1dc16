import { dirname } from 'node:path/posix'
import { stagingDirectory } from '../../argument/staged-content.ts'
import type { Policy } from '../../policy/policy.ts'
import { logDirectory } from '../sudoers.ts'
import { appSandbox, type Way } from './app-sandbox.ts'
import { head, linesOf } from './directive.ts'
import { plainPath, unitName } from './paths.ts'
import { usesZfs } from './service-sandbox.ts'

/** The program of a service, unless a drop-in of its own says something else. */
export const appProgram = (account: string): string => `/usr/bin/${account}`

/**
 * The unit of the service that is the principal of a policy, in the variant that its transport needs; undefined when the
 * principal is no service. The program is the package's; everything around it follows from the policy.
 */
export function renderAppService(policy: Policy, program?: string): string | undefined {
  const { name, principal, transport } = policy
  if (!principal.service) return undefined
  const way: Way = transport === 'daemon' ? 'socket' : 'sudo'
  const account = principal.name
  const broker = `${unitName(name)}.socket`
  return [
    ...head(name),
    `# Transport ${transport}. Why each line is there or is not: docs/reference/unit-sandbox.md.`,
    '[Unit]',
    `Description=${policy.summary}`,
    'Wants=network-online.target',
    `After=network-online.target${way === 'socket' ? ` ${broker}` : ''}`,
    ...(way === 'socket' ? [`Requires=${broker}`] : []),
    '',
    '[Service]',
    `ExecStart=${plainPath(program ?? appProgram(account))}`,
    `User=${account}`,
    `Group=${account}`,
    `StateDirectory=${account}`,
    'StateDirectoryMode=0750',
    'Restart=on-failure',
    `AppArmorProfile=-${account}-service`,
    ...writable(policy, way),
    ...(way === 'sudo' && usesZfs(policy) ? ['DeviceAllow=/dev/zfs rw'] : []),
    ...linesOf(appSandbox, way),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/**
 * What sudo and its child write within the mounts of this unit: records, sudo's own log, and staged content. Through a
 * socket nothing is written from here.
 */
function writable({ name, audit }: Policy, way: Way): string[] {
  if (way === 'socket') return []
  const records = plainPath(dirname(audit.file))
  const inLogs = records === logDirectory || records.startsWith(`${logDirectory}/`)
  return [logDirectory, ...(inLogs ? [] : [records]), dirname(stagingDirectory(name))].map(
    path => `ReadWritePaths=${path}`,
  )
}
