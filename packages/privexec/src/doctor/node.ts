import { join } from 'node:path/posix'
import type { Policy } from '../policy/policy.ts'
import { unitDirectory } from '../render/files.ts'
import { nodeOptions, unitName } from '../render/units/paths.ts'
import { callPath } from '../transport/portable/path.ts'
import { type Machine, readText } from './machine.ts'

/** The Node that the installed unit or program of a policy starts; undefined when none is named there. */
export async function installedNode({ name, transport }: Policy, machine: Machine): Promise<string | undefined> {
  const path = transport === 'daemon' ? join(unitDirectory, `${unitName(name)}.service`) : callPath(name)
  const { value: text = '' } = await readText(machine, path)
  const before = text.split(` ${nodeOptions.join(' ')} `)[0] ?? ''
  return before === text ? undefined : /\/\S*$/.exec(before)?.[0]
}
