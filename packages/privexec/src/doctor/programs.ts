import { fileURLToPath } from 'node:url'
import { endOperation, sudoPath } from '../transport/sudo/paths.ts'
import type { Check } from './context.ts'
import { findings } from './finding.ts'
import { way, writersBesideRoot } from './trust.ts'

/** The copy of end-operation in this package. */
const packaged = fileURLToPath(new URL('../../libexec/end-operation', import.meta.url))

/** The programs that root starts for the policy: there, executable, and replaceable by root only. */
export const programsCheck: Check = async ({ policy, machine }) => {
  const found = findings('programs')
  const named = policy.grants.flatMap(({ command: { program } }) => [program.executable, program.path])
  const programs = [...new Set([sudoPath, ...named, endOperation])]
  const said = new Set<string>()
  for (const path of programs) {
    const { places, fault } = await way(machine, path)
    const end = places.at(-1)
    const missing = path === endOperation ? 'Run privexec policy install as root' : 'Install its package'
    if (fault === 'ENOENT') found.error(`${path} does not exist`, missing)
    else if (fault !== undefined) found.unknown(`${path} cannot be looked at (${fault})`)
    else if (end?.entry.kind !== 'file') found.error(`${path} is not a regular file`, missing)
    else if ((end.entry.mode & 0o111) === 0) found.error(`${path} cannot be executed`, `chmod 0755 ${path}`)
    if (fault !== undefined) continue
    for (const problem of await writersBesideRoot(machine, path)) {
      if (!said.has(problem)) found.error(`${problem}, on the way to ${path}`, 'Whoever writes there is root')
      said.add(problem)
    }
  }
  const [installed, original] = await Promise.all([machine.read(endOperation), machine.read(packaged)])
  if (original.fault !== undefined) found.unknown(`The package has no ${packaged} to compare with (${original.fault})`)
  else if (installed.fault === undefined && !installed.value.equals(original.value)) {
    found.error(`${endOperation} is not the one of this package`, 'Run privexec policy install as root')
  }
  found.okIfNone(`Only root can replace ${programs.join(', ')}, or a directory on the way`)
  return found.list
}
