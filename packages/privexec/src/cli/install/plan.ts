import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stagingDirectory, stagingRoot } from '../../argument/staged-content.ts'
import type { PasswdEntry } from '../../auxiliary/passwd.ts'
import { PrivexecError } from '../../errors/error.ts'
import { parsePolicy } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'
import { stateDirectory } from '../../policy/variables.ts'
import { dropInName, logDirectory, renderSudoers } from '../../render/sudoers.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import { findGroup, findUser } from '../accounts.ts'
import { policyDirectory } from '../find-policy.ts'
import { dropInStep } from './drop-in.ts'
import { directoryStep, failed, fileStep, rootOwned, statOf, type Wanted } from './node.ts'
import { shippedEndOperation, sudoersDirectory } from './paths.ts'
import type { Step } from './step.ts'

/** What several policies need; what more than one of them needs is done once. */
export async function planAll(policies: readonly Policy[]): Promise<Step[]> {
  const steps = (await Promise.all(policies.map(planInstall))).flat()
  return steps.filter(({ path }, at) => steps.findIndex(other => other.path === path) === at)
}

/**
 * Everything that a policy needs on the machine, and what of it is to be done; the drop-in comes last, so that it is in
 * force only when all it relies on is there. Changes nothing. Throws `PRIVEXEC_PRINCIPAL_MISSING`, or
 * `PRIVEXEC_INSTALL_FAILED` for something that is in the way.
 */
async function planInstall(policy: Policy): Promise<Step[]> {
  const { user, gid, group } = await principalOf(policy)
  const drop = stagingDirectory(policy.name)
  const entered: Wanted = { mode: 0o710, uid: 0, gid, owner: `root:${group}` }
  return [
    ...(await directories(dirname(endOperation), 'programs of privexec')),
    await fileStep(endOperation, await readFile(shippedEndOperation, 'utf8'), rootOwned(0o755), 'ends operations'),
    ...(await directories(stagingRoot, 'staging directories')),
    await directoryStep(dirname(drop), entered, `the way to content of ${policy.name}`),
    await directoryStep(drop, rootOwned(0o1777), 'content that root is to read'),
    await directoryStep(logDirectory, rootOwned(0o755), "sudo's own logs"),
    ...(user === undefined ? [] : await auditSteps(policy, user)),
    ...(await directories(policyDirectory, 'installed policies')),
    ...(await policyStep(policy)),
    await dropInStep(join(sudoersDirectory, dropInName(policy.name)), renderSudoers(policy)),
  ]
}

interface Holder {
  /** Undefined for a group. */
  readonly user?: PasswdEntry
  readonly gid: number
  readonly group: string
}

async function principalOf({ principal, runAs }: Policy): Promise<Holder> {
  const missing = (what: string) =>
    new PrivexecError('PRIVEXEC_PRINCIPAL_MISSING', `There is no ${what} on this machine`)
  if ((await findUser(runAs)) === undefined) throw missing(`user ${runAs}`)
  if (principal.kind === 'group') {
    const group = await findGroup(principal.name)
    if (group === undefined) throw missing(`group ${principal.name}`)
    return { gid: group.gid, group: group.name }
  }
  const user = await findUser(principal.name)
  if (user === undefined) throw missing(`user ${principal.name}`)
  const group = await findGroup(user.gid)
  return { user, gid: user.gid, group: group?.name ?? String(user.gid) }
}

/** The directory and those above it that are missing, root's. */
async function directories(path: string, what: string): Promise<Step[]> {
  const isThere = (await statOf(path)) !== undefined
  const above = isThere || path === '/' ? [] : await directories(dirname(path), what)
  const step = await directoryStep(path, rootOwned(0o755), what)
  // What others made may have another mode; that it is root's own is tested before anything is written into it.
  return isThere ? above : [...above.filter(({ state }) => state !== 'unchanged'), step]
}

/** The directory of the audit file. One that the principal has not is never taken from whom it belongs to. */
async function auditSteps({ audit }: Policy, { uid, gid, name }: PasswdEntry): Promise<Step[]> {
  const directory = dirname(audit.file)
  if (audit.file.startsWith(`${stateDirectory()}/`)) return []
  const stat = await statOf(directory)
  if (stat?.uid === uid) return [{ path: directory, state: 'unchanged', what: `${name}'s, audit file` }]
  if (stat !== undefined && dirname(directory) !== logDirectory) {
    throw failed(`${directory} belongs to another account: ${name} could not write its audit file there`)
  }
  const wanted = { mode: 0o750, uid, gid, owner: name }
  return [...(await directories(dirname(directory), 'audit')), await directoryStep(directory, wanted, 'audit file')]
}

/** A copy of the policy, by which commands find it by name. */
async function policyStep({ name, source, hash }: Policy): Promise<Step[]> {
  const path = join(policyDirectory, `${name}.yaml`)
  if (source === undefined || source === path) return []
  const text = await readFile(source, 'utf8')
  if ((await parsePolicy(text)).hash !== hash) throw failed(`${source} was changed while it was read`)
  return [await fileStep(path, text, rootOwned(0o644), 'the policy, to be found by name')]
}
