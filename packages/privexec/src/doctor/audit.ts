import { dirname } from 'node:path/posix'
import { mountOf, parseMounts } from '../auxiliary/mounts.ts'
import { stateDirectory } from '../policy/variables.ts'
import { logDirectory, sudoLog } from '../render/sudoers.ts'
import type { Account } from './accounts.ts'
import type { Check, Context } from './context.ts'
import { type Finding, type Findings, findings } from './finding.ts'
import { type Entry, type Machine, readText } from './machine.ts'
import { may, modeText, openness, way, writersBesideRoot } from './trust.ts'

/** Below this many free bytes the next operation may be refused. */
const little = 16_777_216

/** The principal's audit file, and the log that sudo itself writes: each written by its owner and nobody else. */
export const auditCheck: Check = async context => {
  const found = findings('audit')
  if (context.policy.transport !== 'sudo') return rootsAudit(found, context)
  await judgeAudit(found, context)
  await judgeSudoLog(found, context)
  const { name, audit } = context.policy
  const sudos = `${sudoLog(name)} can be written by root only`
  found.okIfNone(
    isOwn(audit.file) ? `${logDirectory} and ${sudos}` : `${audit.file} can be written by the principal only; ${sudos}`,
  )
  return found.list
}

/** Records that root itself writes: nobody else may touch them, nor what is above them. */
async function rootsAudit(found: Findings, { policy, machine }: Context): Promise<readonly Finding[]> {
  const { file } = policy.audit
  const folder = dirname(file)
  const install = 'Run privexec policy install as root'
  const { value: entry, fault } = await machine.look(file)
  for (const problem of await writersBesideRoot(machine, fault === undefined ? file : folder))
    found.error(problem, install)
  if (entry !== undefined && entry.kind !== 'file') found.error(`${file} is not a regular file`, 'Move it away')
  if (fault === 'EACCES') found.unknown(`${file} cannot be looked at (${fault})`, 'Run privexec doctor as root')
  await judgeSpace(found, machine, folder)
  found.okIfNone(`${file} can be written by root only`)
  return found.list
}

/** Whether each caller has an audit file of its own; a policy that was loaded holds that of this process. */
const isOwn = (file: string): boolean => file.startsWith(`${stateDirectory()}/`)

async function judgeAudit(found: Findings, { policy, machine, accounts, group }: Context): Promise<void> {
  const { file } = policy.audit
  if (isOwn(file)) {
    found.note(`Each caller has an audit file of its own below its state directory; for this account it is ${file}`)
    return
  }
  if (policy.principal.kind === 'group') {
    found.warning(
      `All members of ${policy.principal.name} share ${file}, which belongs to the one that wrote first; the others are refused`,
      'Put the audit file below {state}/',
    )
  }
  const folder = dirname(file)
  const { places, fault } = await way(machine, folder)
  const end = places.at(-1)
  if (fault !== undefined || end === undefined) {
    if (fault === 'EACCES') found.unknown(`${folder} cannot be looked at (${fault})`, 'Run privexec doctor as root')
    else {
      found.error(
        `${folder} cannot be reached (${fault}), so no operation could be recorded there`,
        'Run privexec policy install as root',
      )
    }
    return
  }
  for (const problem of places.slice(0, -1).flatMap(openness)) found.error(`${problem}, on the way to ${file}`)
  for (const account of accounts) {
    if (!may(account, end.entry, 3))
      found.error(`${account.name} may not create files in ${folder}`, `chown ${account.name} ${folder}`)
  }
  others(found, folder, end.entry, accounts, group)
  const { value: entry } = await machine.look(file)
  if (entry !== undefined) {
    if (entry.kind !== 'file') found.error(`${file} is not a regular file`, 'Move it away')
    if (entry.mode & 0o022)
      found.error(`${file} has mode ${modeText(entry.mode)}: others may write it`, `chmod 0640 ${file}`)
    if (entry.uid !== 0 && !accounts.some(({ uid }) => uid === entry.uid)) {
      found.error(`${file} belongs to the account ${entry.uid}, so the principal will not use it`, `chown ${file}`)
    }
  }
  await judgeSpace(found, machine, folder)
}

async function judgeSpace(found: Findings, machine: Machine, folder: string): Promise<void> {
  const { value: free } = await machine.free(folder)
  if (free === undefined || free >= little) return
  found.warning(`${folder} has ${Math.floor(free / 1_048_576)} MiB free; when it is full, nothing is run`, 'Free space')
}

/** Who beside the principal and root may put another file in the place of the audit file. */
function others(
  found: Findings,
  folder: string,
  { uid, gid, mode }: Entry,
  accounts: readonly Account[],
  group: number | undefined,
): void {
  if (uid !== 0 && !accounts.some(account => account.uid === uid)) {
    found.error(`${folder} belongs to the account ${uid}`, 'Give it to the principal')
  }
  if (mode & 0o002)
    found.error(`${folder} may be written by everybody (mode ${modeText(mode)})`, `chmod 0750 ${folder}`)
  else if (mode & 0o020 && gid !== 0 && gid !== group && !accounts.some(account => account.gid === gid)) {
    found.warning(`${folder} may be written by the group ${gid} (mode ${modeText(mode)})`, `chmod 0750 ${folder}`)
  }
}

async function judgeSudoLog(found: Findings, { policy, machine, accounts }: Context): Promise<void> {
  for (const problem of await writersBesideRoot(machine, logDirectory)) {
    found.error(
      `${problem}: sudo's own log is there, against which the audit is compared`,
      'Run privexec policy install as root',
    )
  }
  const log = sudoLog(policy.name)
  const { value: entry, fault } = await machine.look(log)
  if (fault === 'ENOENT') found.note(`${log} does not exist yet: sudo has not run anything for this policy`)
  else if (entry !== undefined) {
    for (const problem of openness({ path: log, entry })) found.error(problem, `chown root:root, chmod 0600 ${log}`)
    if (entry.kind !== 'file') found.error(`${log} is not a regular file`, 'Remove it')
  }
  const mounts = parseMounts((await readText(machine, '/proc/self/mountinfo')).value ?? '')
  if (mountOf(mounts, logDirectory)?.readOnly) {
    // Another account's view says nothing of the principal's.
    const concerns = machine.uid === 0 || accounts.some(({ uid }) => uid === machine.uid)
    found.add(
      concerns ? 'error' : 'note',
      `${logDirectory} is read-only in this mount namespace, and sudo writes its log before it leaves it`,
      `Add ReadWritePaths=${logDirectory} to the unit`,
    )
  }
}
