import { mountOf, parseMounts } from '../auxiliary/mounts.ts'
import { escapeValue } from '../errors/escape.ts'
import { logDirectory } from '../render/sudoers.ts'
import { sudoPath } from '../transport/sudo/paths.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { type Machine, readText } from './machine.ts'

const advice =
  'Set NoNewPrivileges=no; on systemd before 257, also leave out what implies it (systemd.exec(5), NoNewPrivileges=)'

/**
 * Whether sudo can work from where the principal runs: this process, and the running processes of a service. With a
 * socket, whether the processes of a service have given up what only sudo needs.
 */
export const processCheck: Check = async context => {
  const found = findings('process')
  if (context.policy.transport === 'daemon') {
    if (context.policy.principal.service) await judgeService(found, context)
    found.okIfNone('No running process of the principal could gain privileges by a setuid program, or there is none')
    return found.list
  }
  const { machine, policy, accounts } = context
  const self = await statusOf(machine, 'self')
  const isPrincipal = accounts.some(({ uid }) => uid === machine.uid)
  if (self?.noNewPrivs) {
    found.add(isPrincipal ? 'error' : 'note', 'This process has NoNewPrivs: sudo cannot gain privileges', advice)
  }
  if (isPrincipal) await probe(found, machine)
  if (policy.principal.service) await judgeService(found, context)
  found.okIfNone(
    isPrincipal
      ? 'sudo -n -l works from this process, which has no NoNewPrivs'
      : 'No running process of the principal is kept from sudo; run this as the principal to try it',
  )
  return found.list
}

/** Asks sudo for the own rights: it runs nothing, and fails as an operation would. */
async function probe(found: Findings, machine: Machine): Promise<void> {
  const { exitCode, stderr } = await machine.run([sudoPath, '-n', '-l'])
  if (exitCode !== 0) {
    const [line] = stderr.split('\n').filter(each => each.startsWith('sudo: '))
    found.error(
      `sudo -n -l fails from this process: ${escapeValue(line ?? stderr, 160)}`,
      'See the checks sudo and drop-in',
    )
  }
}

/** Processes of the service see the mounts and flags of its unit; one of each mount namespace is enough. */
async function judgeService(found: Findings, { machine, accounts, policy }: Context): Promise<void> {
  if (machine.uid !== 0) return
  const seen = new Set<string>()
  for (const pid of (await machine.list('/proc')).value ?? []) {
    if (!/^\d+$/.test(pid)) continue
    const status = await statusOf(machine, pid)
    if (!status || !accounts.some(({ uid }) => uid === status.uid)) continue
    const namespace = (await machine.link(`/proc/${pid}/ns/mnt`)).value ?? pid
    if (seen.has(`${namespace} ${status.noNewPrivs}`)) continue
    seen.add(`${namespace} ${status.noNewPrivs}`)
    const name = `Process ${pid} of the principal`
    if (policy.transport === 'daemon') {
      if (!status.noNewPrivs) {
        found.note(`${name} can start setuid programs, which nobody who uses a socket needs`, 'Set NoNewPrivileges=yes')
      }
      continue
    }
    if (status.noNewPrivs) found.error(`${name} has NoNewPrivs: sudo cannot gain privileges`, advice)
    const mounts = parseMounts((await readText(machine, `/proc/${pid}/mountinfo`)).value ?? '')
    if (mountOf(mounts, logDirectory)?.readOnly) {
      found.error(
        `${name} sees ${logDirectory} read-only, and sudo writes its log before it leaves that namespace`,
        `Add ReadWritePaths=${logDirectory} to the unit`,
      )
    }
  }
}

/** Real user id and flag of a process (proc(5), status); undefined when it is gone. */
async function statusOf(machine: Machine, pid: string): Promise<{ uid: number; noNewPrivs: boolean } | undefined> {
  const { value } = await readText(machine, `/proc/${pid}/status`)
  const uid = /^Uid:\t(\d+)/m.exec(value ?? '')?.[1]
  return uid === undefined ? undefined : { uid: Number(uid), noNewPrivs: /^NoNewPrivs:\t1$/m.test(value ?? '') }
}
