import { join } from 'node:path/posix'
import { unitDirectory } from '../render/files.ts'
import { dropInPath } from '../render/sudoers.ts'
import { unitName } from '../render/units/paths.ts'
import { socketPath } from '../transport/daemon/path.ts'
import { callPath } from '../transport/portable/path.ts'
import type { Check } from './context.ts'
import { findings } from './finding.ts'

const install = 'Run privexec policy install as root, which leaves one of them'

/**
 * Whether the machine offers the transport of the policy, and no other: through a second one the principal reaches root
 * without what only the first checks.
 */
export const transportCheck: Check = async ({ policy, machine }) => {
  const found = findings('transport')
  const { name, transport } = policy
  const dropIn = dropInPath(name)
  const isThere = async (path: string) => (await machine.look(path)).fault === undefined
  const [rules, unit, socket, program] = await Promise.all(
    [dropIn, join(unitDirectory, `${unitName(name)}.socket`), socketPath(name), callPath(name)].map(isThere),
  )
  const both = (what: string) =>
    found.warning(
      `The policy is for the transport ${transport}, but ${what} is there: the machine offers both`,
      install,
    )
  if (transport === 'daemon' && rules) both(dropIn)
  if (transport !== 'daemon' && unit) both(`${unitName(name)}.socket`)
  else if (transport !== 'daemon' && socket) both(socketPath(name))
  if (transport !== 'portable' && program) both(callPath(name))
  found.okIfNone(`The machine offers the transport ${transport} for this policy, and no other`)
  return found.list
}
