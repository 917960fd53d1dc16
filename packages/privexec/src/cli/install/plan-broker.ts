import { constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { policyDirectory } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import {
  apparmorFiles,
  portableFiles,
  profileDirectory,
  type SystemFile,
  systemdFiles,
  unitDirectory,
} from '../../render/files.ts'
import { renderPortable } from '../../render/portable.ts'
import { brokerPrograms } from '../../render/programs.ts'
import { dropInPath } from '../../render/sudoers.ts'
import { directoriesOf } from '../../render/units/tmpfiles.ts'
import { findGroup } from '../accounts.ts'
import { directories } from './directories.ts'
import { dropInStep } from './drop-in.ts'
import { directoryStep, failed, fileStep, rootOwned, statOf } from './node.ts'
import { policySteps } from './policy-copy.ts'
import { holderOf, socketGroupOf } from './principal.ts'
import { programSteps, rootsNode } from './programs.ts'
import type { Step } from './step.ts'

/** What an administrator may choose. */
export interface BrokerOptions {
  /** Absolute path of the Node that runs as root. */
  readonly node?: string | undefined
  /** Whether AppArmor profiles are written too. */
  readonly apparmor?: boolean | undefined
}

/**
 * What a policy with the transport `daemon` or `portable` needs. The rules of sudo that an earlier transport left are
 * taken away first: with them the principal would still reach root past the guards. What puts the policy in force comes
 * last. Throws as `planAll` does.
 */
export async function planBroker(policy: Policy, options: BrokerOptions): Promise<Step[]> {
  const { name, transport } = policy
  const node = await rootsNode(options.node)
  const isDaemon = transport === 'daemon'
  if (isDaemon) await socketGroupOf(policy)
  else await holderOf(policy)
  await requireRootsRecords(policy.audit.file)
  const dropIn = dropInPath(name)
  const files = [
    ...((await hasSystemd()) ? systemdFiles(policy, node) : []),
    ...(options.apparmor ? apparmorFiles(policy, node) : []),
    ...portableFiles(policy, node),
  ]
  return [
    ...(isDaemon ? await obsolete(dropIn, 'the policy is for a socket now') : []),
    ...(await programSteps(brokerPrograms)),
    ...(await recordSteps(policy)),
    ...(await directories(policyDirectory, 'installed policies')),
    ...(await policySteps(policy)),
    ...(options.apparmor ? await directories(profileDirectory, 'profiles') : []),
    ...(await systemSteps(files)),
    ...(isDaemon ? [] : [await dropInStep(dropIn, renderPortable(policy))]),
  ]
}

/** Whether the machine has a place for units. */
export const hasSystemd = async (): Promise<boolean> => (await statOf(unitDirectory))?.isDirectory() ?? false

/** A step that takes a file of another transport away; none where there is none. */
export async function obsolete(path: string, what: string): Promise<Step[]> {
  if ((await statOf(path)) === undefined) return []
  return [{ path, state: 'remove', what, apply: () => rm(path, { force: true }) }]
}

async function recordSteps(policy: Policy): Promise<Step[]> {
  const steps: Step[] = []
  for (const { path, mode, group, what } of directoriesOf(policy)) {
    const gid = group === 'root' ? 0 : (await findGroup(group))?.gid
    if (gid === undefined) throw failed(`There is no group ${group}`)
    steps.push(
      ...(await directories(dirname(path), what)).filter(({ path: above }) => !steps.some(step => step.path === above)),
    )
    steps.push(await directoryStep(path, { mode, uid: 0, gid, owner: `root:${group}` }, what))
  }
  return steps
}

async function systemSteps(files: readonly SystemFile[]): Promise<Step[]> {
  const steps: Step[] = []
  for (const { path, mode, what, text } of files) {
    const above = await directories(dirname(path), what)
    steps.push(...above, await fileStep(path, text, rootOwned(mode), what))
  }
  return steps
}

/** Root does not go on with a chain of records that another account could write. */
async function requireRootsRecords(file: string): Promise<void> {
  const stat = await statOf(file)
  if (stat === undefined) return
  const isRoots = stat.isFile() && stat.uid === 0 && (stat.mode & (constants.S_IWGRP | constants.S_IWOTH)) === 0
  if (!isRoots) throw failed(`${file} was written by another account: move it away, root begins records of its own`)
}
