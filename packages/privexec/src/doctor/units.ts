import { join } from 'node:path/posix'
import { apparmorFiles, type SystemFile, systemdFiles, unitDirectory } from '../render/files.ts'
import { defaultNode, unitName } from '../render/units/paths.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { readText } from './machine.ts'
import { installedNode } from './node.ts'
import { openness } from './trust.ts'

const install = 'Run privexec policy install as root, then systemctl daemon-reload'

/** The installed units of a policy with a socket: there, the same as rendered, root's, enabled, and not overridden. */
export const unitsCheck: Check = async context => {
  const found = findings('units')
  const { policy, machine } = context
  const name = unitName(policy.name)
  if ((await machine.look(unitDirectory)).fault === 'ENOENT') {
    found.note(`There is no ${unitDirectory}: the broker has to be started by other means`)
    return found.list
  }
  const node = (await installedNode(policy, machine)) ?? defaultNode
  for (const file of systemdFiles(policy, node)) await compare(found, file, context)
  for (const file of apparmorFiles(policy, node)) {
    if ((await machine.look(file.path)).fault === undefined) await compare(found, file, context)
  }
  for (const unit of [`${name}.service`, `${name}.socket`]) {
    for (const above of [unitDirectory, '/run/systemd/system']) {
      const { value: overrides = [] } = await machine.list(join(above, `${unit}.d`))
      for (const override of overrides) {
        found.warning(`${join(above, `${unit}.d`, override)} changes the unit after it was rendered`, 'Remove it')
      }
    }
  }
  const wanted = join(unitDirectory, 'sockets.target.wants', `${name}.socket`)
  if ((await machine.look(wanted)).fault === 'ENOENT') {
    found.warning(
      `${name}.socket is not enabled, so it is not there after a boot`,
      `systemctl enable --now ${name}.socket`,
    )
  }
  found.okIfNone(`${name}.socket and ${name}.service are what the policy renders to, and root's`)
  return found.list
}

async function compare(found: Findings, { path, text }: SystemFile, { machine }: Context): Promise<void> {
  const { value: entry, fault } = await machine.look(path)
  if (fault === 'ENOENT') found.error(`${path} does not exist`, install)
  else if (fault !== undefined) found.unknown(`${path} cannot be looked at (${fault})`, 'Run privexec doctor as root')
  if (entry === undefined) return
  for (const problem of openness({ path, entry })) found.error(problem, `chown root:root, chmod 0644 ${path}`)
  const installed = await readText(machine, path)
  if (installed.fault !== undefined) found.unknown(`${path} cannot be read (${installed.fault})`)
  else if (installed.value !== text) {
    const [had, now] = [installed.value.split('\n'), text.split('\n')]
    const at = now.findIndex((line, index) => line !== had[index])
    const line = (at < 0 ? now.length : at) + 1
    found.error(`${path} is not what the policy renders to: the first difference is in line ${line}`, install)
  }
}
