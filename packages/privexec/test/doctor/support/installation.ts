import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../../src/doctor/context.ts'
import { loadPolicy, policyJson } from '../../../src/policy/load.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { renderDropIn } from '../../../src/render/drop-in.ts'
import { portableFiles, systemdFiles } from '../../../src/render/files.ts'
import { brokerPrograms } from '../../../src/render/programs.ts'
import { contextOf } from './context.ts'
import type { Pretended } from './machine.ts'

const folder = join(import.meta.dirname, '../../../../../policies/examples')

/** Policies for the root-side broker. */
export const byDaemon = await loadPolicy(join(folder, 'daemon/appstore.yaml'))
export const portable = await loadPolicy(join(folder, 'portable/pgd.yaml'))

/** Group ids of the pretended machine. */
export const groups: Readonly<Record<string, number>> = { appstore: 995, pgd: 994 }

const node = '/usr/bin/node'
const socket = { kind: 'other', mode: 0o660 } as const
const directory = { kind: 'directory', mode: 0o750 } as const

/** What `policy install` leaves on a machine, and a systemd that has started the socket. */
export async function installed(policy: Policy): Promise<Record<string, Pretended>> {
  const { name, principal } = policy
  const source = policy.source ?? ''
  const gid = groups[principal.name] ?? 0
  const dropIn = renderDropIn(policy)
  const files: Record<string, Pretended> = {
    [source]: readFileSync(source, 'utf8'),
    [node]: { mode: 0o755, text: 'node' },
    [`/etc/privexec/policies.d/${name}.json`]: await policyJson(readFileSync(source, 'utf8')),
  }
  for (const { path, shipped, what } of brokerPrograms) {
    files[path] = { mode: 0o755, text: what }
    files[shipped] = what
  }
  for (const file of [...systemdFiles(policy, node), ...portableFiles(policy, node)]) {
    files[file.path] = { text: file.text, mode: file.mode }
  }
  if (dropIn !== undefined) files[`/etc/sudoers.d/privexec_${name}`] = { text: dropIn, mode: 0o440 }
  if (policy.transport === 'daemon') {
    files[`/run/privexec/${name}`] = { ...directory, gid }
    files[`/run/privexec/${name}/socket`] = { ...socket, gid }
    files[`/etc/systemd/system/sockets.target.wants/privexecd-${name}.socket`] = { link: '../unit' }
  }
  return files
}

/** Answers `getent group`. */
export const getent = (argv: readonly string[]): string | undefined =>
  argv[0] === '/usr/bin/getent' ? `${argv[3]}:x:${groups[argv[3] ?? '']}:\n` : undefined

/** A context on a machine with a policy installed; files that are undefined are not there. */
export async function contextFor(
  policy: Policy,
  changes: Readonly<Record<string, Pretended | undefined>> = {},
  more: Partial<Context> = {},
): Promise<Context> {
  const all = Object.entries({ ...(await installed(policy)), ...changes })
  const files = Object.fromEntries(all.flatMap(([path, file]) => (file === undefined ? [] : [[path, file]])))
  return contextOf({ files, run: getent }, { policy, ...more })
}
