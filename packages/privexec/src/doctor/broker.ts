import { createHash } from 'node:crypto'
import { policyJsonPath } from '../policy/installed.ts'
import { policyJson } from '../policy/load.ts'
import { portableFiles } from '../render/files.ts'
import { shippedBroker } from '../render/programs.ts'
import { privexecd } from '../render/units/paths.ts'
import { callPath } from '../transport/portable/path.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { readText } from './machine.ts'
import { installedNode } from './node.ts'
import { writersBesideRoot } from './trust.ts'

const install = 'Run privexec policy install as root'

/** The root-side broker: the digest of what is installed, the Node that runs it, and the policy as it reads it. */
export const brokerCheck: Check = async context => {
  const found = findings('broker')
  await judgeBundle(found, context)
  await judgeNode(found, context)
  await judgePolicy(found, context)
  found.okIfNone(`${policyJsonPath(context.policy.name)} says what the policy does, and only root can change it`)
  return found.list
}

async function judgeBundle(found: Findings, { machine }: Context): Promise<void> {
  const [installed, shipped] = await Promise.all([machine.read(privexecd), machine.read(shippedBroker)])
  if (installed.fault !== undefined) {
    found.add(
      installed.fault === 'ENOENT' ? 'error' : 'note',
      `${privexecd} cannot be read (${installed.fault})`,
      install,
    )
    return
  }
  const digest = sha256(installed.value)
  if (shipped.fault !== undefined)
    found.unknown(`${privexecd} has the SHA-256 ${digest}; this package has none to compare`)
  else if (sha256(shipped.value) === digest) found.ok(`${privexecd} is the one of this package, SHA-256 ${digest}`)
  else {
    found.error(
      `${privexecd} has the SHA-256 ${digest}, and this package's ${sha256(shipped.value)}`,
      `${install}, and start the broker again`,
    )
  }
}

/** The programs beside it are compared by the check of programs; here it is what starts it. */
async function judgeNode(found: Findings, { policy, machine }: Context): Promise<void> {
  const node = await installedNode(policy, machine)
  if (node === undefined) return
  for (const problem of await writersBesideRoot(machine, node)) {
    found.error(`${problem}, on the way to the Node that runs as root`, `${install}, with --node`)
  }
  if (policy.transport !== 'portable') return
  const [file] = portableFiles(policy, node)
  const { value: text } = await readText(machine, callPath(policy.name))
  if (text !== undefined && text !== file?.text) found.error(`${callPath(policy.name)} was edited`, install)
}

async function judgePolicy(found: Findings, { policy, machine }: Context): Promise<void> {
  const path = policyJsonPath(policy.name)
  const installed = await readText(machine, path)
  if (installed.fault !== undefined) {
    if (installed.fault === 'EACCES') found.unknown(`${path} cannot be read by this account`)
    else found.error(`${path} cannot be read (${installed.fault}), so the broker serves nothing`, install)
    return
  }
  for (const problem of await writersBesideRoot(machine, path)) {
    found.error(`${problem}, on the way to ${path}: the broker refuses it`, install)
  }
  const source = policy.source === undefined ? undefined : (await readText(machine, policy.source)).value
  if (source === undefined) found.unknown(`${path} was not compared: the policy's own file cannot be read`)
  else if ((await policyJson(source)) !== installed.value) {
    found.error(`${path} is not what ${policy.source} says, and the broker decides by it`, install)
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
