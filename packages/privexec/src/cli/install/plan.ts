import { dirname, join } from 'node:path'
import { stagingDirectory, stagingRoot } from '../../argument/staged-content.ts'
import type { PasswdEntry } from '../../auxiliary/passwd.ts'
import { policyDirectory } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { stateDirectory } from '../../policy/variables.ts'
import { unitDirectory } from '../../render/files.ts'
import { endProgram } from '../../render/programs.ts'
import { dropInPath, logDirectory, renderSudoers } from '../../render/sudoers.ts'
import { unitName } from '../../render/units/paths.ts'
import { directories } from './directories.ts'
import { dropInStep } from './drop-in.ts'
import { directoryStep, failed, rootOwned, statOf, type Wanted } from './node.ts'
import { type BrokerOptions, obsolete, planBroker } from './plan-broker.ts'
import { policySteps } from './policy-copy.ts'
import { holderOf } from './principal.ts'
import { programSteps } from './programs.ts'
import type { Step } from './step.ts'

/**
 * What several policies need; what more than one of them needs is done once. Changes nothing. Throws
 * `PRIVEXEC_PRINCIPAL_MISSING`, or `PRIVEXEC_INSTALL_FAILED` for something that is in the way.
 */
export async function planAll(policies: readonly Policy[], options: BrokerOptions = {}): Promise<Step[]> {
  const plan = (policy: Policy) => (policy.transport === 'sudo' ? planSudo(policy) : planBroker(policy, options))
  const steps = (await Promise.all(policies.map(plan))).flat()
  return steps.filter(({ path }, at) => steps.findIndex(other => other.path === path) === at)
}

/**
 * Everything that a policy with the transport `sudo` needs on the machine, and what of it is to be done; the drop-in comes
 * last, so that it is in force only when all it relies on is there.
 */
async function planSudo(policy: Policy): Promise<Step[]> {
  const { user, gid, group } = await holderOf(policy)
  const drop = stagingDirectory(policy.name)
  const entered: Wanted = { mode: 0o710, uid: 0, gid, owner: `root:${group}` }
  const units = ['socket', 'service'].map(kind => join(unitDirectory, `${unitName(policy.name)}.${kind}`))
  return [
    ...(await Promise.all(units.map(path => obsolete(path, 'the policy is for sudo now')))).flat(),
    ...(await programSteps([endProgram])),
    ...(await directories(stagingRoot, 'staging directories')),
    await directoryStep(dirname(drop), entered, `the way to content of ${policy.name}`),
    await directoryStep(drop, rootOwned(0o1777), 'content that root is to read'),
    await directoryStep(logDirectory, rootOwned(0o755), "sudo's own logs"),
    ...(user === undefined ? [] : await auditSteps(policy, user)),
    ...(await directories(policyDirectory, 'installed policies')),
    ...(await policySteps(policy)),
    await dropInStep(dropInPath(policy.name), renderSudoers(policy)),
  ]
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
