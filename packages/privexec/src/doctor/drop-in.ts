import { join } from 'node:path/posix'
import { renderDropIn } from '../render/drop-in.ts'
import { dropInName, dropInPath, sudoersDirectory } from '../render/sudoers.ts'
import type { Check } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { readText } from './machine.ts'
import { isSkipped, readSudoers } from './sudoers-files.ts'
import { modeText, openness, writersBesideRoot } from './trust.ts'

const install = 'Run privexec policy install as root'

/** The installed drop-in against the policy: there, the same, root's, read by sudo, and the only one. */
export const dropInCheck: Check = async ({ policy, machine }) => {
  const found = findings('drop-in')
  const name = dropInName(policy.name)
  const path = dropInPath(policy.name)
  for (const problem of await writersBesideRoot(machine, sudoersDirectory)) {
    found.error(problem, 'Only root may write where sudo reads rules')
  }
  const { value: entry, fault } = await machine.look(path)
  if (fault === 'ENOENT') found.error(`${path} does not exist`, install)
  else if (fault !== undefined) found.unknown(`${path} cannot be looked at (${fault})`, 'Run privexec doctor as root')
  else if (entry.kind !== 'file') found.error(`${path} is not a regular file`, install)
  else {
    for (const problem of openness({ path, entry })) found.error(problem, `chown root:root, chmod 0440 ${path}`)
    if (entry.mode !== 0o440) found.warning(`${path} has mode ${modeText(entry.mode)}, not 0440`, `chmod 0440 ${path}`)
    const text = await readText(machine, path)
    if (text.fault !== undefined) {
      found.unknown(`${path} cannot be read (${text.fault}), so it was not compared`, 'Run privexec doctor as root')
    } else compare(found, path, text.value, renderDropIn(policy) ?? '', policy.hash)
  }

  const sudoers = await readSudoers(machine)
  for (const file of sudoers.unreadable) {
    if (file !== path) found.unknown(`${file} cannot be read by this account`, 'Run privexec doctor as root')
  }
  if (!sudoers.unreadable.includes('/etc/sudoers')) {
    const times = sudoers.segments.filter(({ file }) => file === path).length
    if (!sudoers.directories.includes(sudoersDirectory)) {
      found.error(`/etc/sudoers does not include ${sudoersDirectory}`, `Add the line "@includedir ${sudoersDirectory}"`)
    } else if (times > 1) found.error(`${path} is included more than once`, 'Leave one include')
  }
  await twins(found)
  found.okIfNone(`${path} is what the policy renders to (hash ${policy.hash.slice(0, 12)}), root's, 0440, and included`)
  return found.list

  /** Other files with the rules of this policy: one that sudo passes over helps nobody, one that it reads is a clash. */
  async function twins(found: Findings): Promise<void> {
    const { value: names = [] } = await machine.list(sudoersDirectory)
    for (const other of names) {
      if (other === name) continue
      const file = join(sudoersDirectory, other)
      const text = (await readText(machine, file)).value ?? ''
      if (!text.startsWith(`# privexec policy ${policy.name}:`) && !other.startsWith(`${name}.`)) continue
      if (isSkipped(other)) {
        found.warning(`${file} is passed over by sudo: its name has a dot or ends in ~`, `Remove it; ${install}`)
      } else {
        found.error(`${file} holds the rules of this policy a second time, perhaps older ones`, 'Remove it')
      }
    }
  }
}

function compare(found: Findings, path: string, installed: string, rendered: string, hash: string): void {
  if (installed === rendered) return
  const had = /^# policy-hash ([0-9a-f]{64})$/m.exec(installed)?.[1]
  const [left, right] = [installed.split('\n'), rendered.split('\n')]
  const line = left.findIndex((text, at) => text !== right[at])
  const where = `the first difference is in line ${(line < 0 ? left.length : line) + 1}`
  if (had === undefined) found.error(`${path} was not rendered from a policy: it names no policy-hash`, install)
  else if (had === hash) {
    found.error(`${path} was edited, or rendered by another version of privexec: ${where}`, install)
  } else {
    const hashes = `hash ${had.slice(0, 12)} installed, ${hash.slice(0, 12)} now`
    found.error(`${path} was rendered from another state of the policy (${hashes}): ${where}`, install)
  }
}
