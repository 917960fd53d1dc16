import type { Policy } from '../policy/policy.ts'
import { brokerPrograms, endProgram, type RootProgram } from '../render/programs.ts'
import { privexecd } from '../render/units/paths.ts'
import { libexec } from '../transport/libexec.ts'
import { callPath } from '../transport/portable/path.ts'
import { sudoPath } from '../transport/sudo/paths.ts'
import type { Check } from './context.ts'
import { findings } from './finding.ts'
import { way, writersBesideRoot } from './trust.ts'

/** Programs of ours that root runs for a policy. */
const ours = ({ transport }: Policy): readonly RootProgram[] => (transport === 'sudo' ? [endProgram] : brokerPrograms)

/** Programs of others, and what sudo starts of ours, that root runs for a policy. */
function others({ name, transport, grants }: Policy): string[] {
  const named = grants.flatMap(({ command: { program } }) => [program.executable, program.path])
  const sudo = transport === 'daemon' ? [] : [sudoPath]
  return [...sudo, ...named, ...(transport === 'portable' ? [callPath(name)] : [])]
}

/** The programs that root starts for the policy: there, executable, and replaceable by root only. */
export const programsCheck: Check = async ({ policy, machine }) => {
  const found = findings('programs')
  const own = ours(policy)
  const programs = [...new Set([...others(policy), ...own.map(({ path }) => path)])]
  const said = new Set<string>()
  for (const path of programs) {
    const { places, fault } = await way(machine, path)
    const end = places.at(-1)
    const isOwn = path.startsWith(`${libexec}/`)
    const missing = isOwn ? 'Run privexec policy install as root' : 'Install its package'
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
  for (const { path, shipped } of own) {
    // The broker has a check of its own, which tells its digest.
    if (path === privexecd) continue
    const [installed, original] = await Promise.all([machine.read(path), machine.read(shipped)])
    if (original.fault !== undefined) found.unknown(`The package has no ${shipped} to compare with (${original.fault})`)
    else if (installed.fault === undefined && !installed.value.equals(original.value)) {
      found.error(`${path} is not the one of this package`, 'Run privexec policy install as root')
    }
  }
  found.okIfNone(`Only root can replace ${programs.join(', ')}, or a directory on the way`)
  return found.list
}
