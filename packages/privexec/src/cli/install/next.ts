import type { Policy } from '../../policy/policy.ts'
import { profileDirectory } from '../../render/files.ts'
import { nodeOptions, privexecd, unitName } from '../../render/units/paths.ts'
import { type BrokerOptions, hasSystemd } from './plan-broker.ts'
import { rootsNode } from './programs.ts'

/** The commands that remain for the administrator, so that no service starts or stops by surprise. */
export async function nextCommands(policies: readonly Policy[], options: BrokerOptions): Promise<string[]> {
  const names = policies.filter(({ transport }) => transport === 'daemon').map(({ name }) => unitName(name))
  if (names.length === 0) return []
  if (!(await hasSystemd())) {
    const node = await rootsNode(options.node)
    return policies
      .filter(({ transport }) => transport === 'daemon')
      .map(({ name }) => [node, ...nodeOptions, privexecd, '--policy', name].join(' '))
  }
  return [
    ...(options.apparmor
      ? [`apparmor_parser --replace ${names.map(name => `${profileDirectory}/${name}`).join(' ')}`]
      : []),
    'systemctl daemon-reload',
    `systemctl enable --now ${names.map(name => `${name}.socket`).join(' ')}`,
    `systemctl try-restart ${names.map(name => `${name}.service`).join(' ')}`,
  ]
}
