import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createBroker, isPrivexecError, loadPolicy, type Policy, zfsMount } from '@broker/privexec'
import { escapeValue } from '@broker/privexec/escape'
import { policyPath, privexec } from '../setup/policy.ts'
import { wordOf } from '../setup/step.ts'
import { type Finding, findings } from './finding.ts'

/**
 * Whether the broker answers this account, and refuses a dataset that is not of the policy. That it mounts what is, the
 * probe shows. Nothing is said where there is no policy.
 */
export async function checkBroker(env: Readonly<Record<string, string | undefined>>): Promise<readonly Finding[]> {
  const found = findings('broker')
  const file = env.PGD_POLICY || policyPath
  let policy: Policy
  try {
    policy = await loadPolicy(file)
  } catch (error) {
    if (!isPrivexecError(error)) throw error
    if (error.code === 'PRIVEXEC_POLICY_UNREADABLE' && env.PGD_POLICY === undefined) return []
    found.problem(`The policy ${escapeValue(file)} cannot be used: ${error.message}`, 'pgd setup --pool POOL, as root')
    return found.list
  }
  await checkMembership(policy, found)
  try {
    const broker = await createBroker({ policy: file })
    // No policy of pgd is for a dataset of one name, whichever pool it is.
    await broker.run(zfsMount, { dataset: 'pgd-doctor/outside/of' })
    found.problem('The broker has mounted a dataset that is not of the policy', 'privexec doctor pgd, as root')
  } catch (error) {
    if (!isPrivexecError(error)) throw error
    const isRefusal = error.isRefused || error.isInvalid
    if (isRefusal) found.ok('The broker refuses what lies outside of the base')
    else found.problem(`The broker cannot be asked: ${error.message}`, error.advice)
  }
  return [...found.list, ...(await askPrivexec(policy.name))]
}

/** A group that an account was just put into counts from its next login on. */
async function checkMembership({ principal }: Policy, found: ReturnType<typeof findings>): Promise<void> {
  if (principal.kind !== 'group') return
  const username = (await promisify(execFile)('/usr/bin/id', ['-un']).catch(() => undefined))?.stdout.trim()
  if (username === undefined) return found.problem(`The account ${process.getuid?.()} has no name on this machine`)
  const groups = async (...args: string[]) =>
    (await promisify(execFile)('/usr/bin/id', ['-nG', ...args])).stdout.trim().split(/\s+/)
  if (!(await groups('--', username)).includes(principal.name)) {
    found.problem(
      `${username} is no member of the group ${principal.name}`,
      `gpasswd --add ${username} ${principal.name}, as root`,
    )
  } else if (!(await groups()).includes(principal.name)) {
    found.problem(`${username} is a member of ${principal.name} from the next login on`, 'Log in again')
  }
}

/** What `privexec doctor` finds of the policy, as far as this account may look. */
async function askPrivexec(name: string): Promise<readonly Finding[]> {
  const [program = '', ...args] = privexec('doctor', name, '--json').map(wordOf)
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000, maxBuffer: 2 ** 24 }).catch(
    // It ends with 1 when something is wrong.
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  return policyFindings(stdout, name)
}

/**
 * Findings of what `privexec doctor NAME --json` printed. A group that is as good as root keeps nobody from working, and who
 * uses Docker is in one.
 */
export function policyFindings(stdout: string, name: string): readonly Finding[] {
  const found = findings('policy')
  const all = readFindings(stdout)
  if (all === undefined) found.warning('privexec doctor gave no answer', `privexec doctor ${name}`)
  for (const { level, check, message, advice } of all ?? []) {
    const words = `${check}: ${message}`
    if (level === 'error' && check !== 'groups') found.problem(words, advice)
    else if (level === 'error' || level === 'warning') found.warning(words, advice)
  }
  if (found.list.length === 0) found.ok('privexec doctor has nothing to say of the policy')
  return found.list
}

interface TheirFinding {
  readonly check: string
  readonly level: string
  readonly message: string
  readonly advice?: string
}

function readFindings(text: string): readonly TheirFinding[] | undefined {
  try {
    return (JSON.parse(text) as { readonly findings: readonly TheirFinding[] }).findings
  } catch {
    return undefined
  }
}
