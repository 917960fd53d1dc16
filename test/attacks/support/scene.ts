import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, catalogue, type Policy, parsePolicy } from '../../../packages/privexec/src/index.ts'
import { endOperation } from '../../../packages/privexec/src/transport/sudo/paths.ts'
import { type HostOptions, insideHost, prepareHost } from '../../host/prepare.ts'
import { type RunOptions, type RunResult, runAs, runScriptAs } from '../../host/service.ts'
import { testCommands } from './commands.ts'
import { trace } from './trace.ts'

export const root: string = join(import.meta.dirname, '../../..')

/** Why attacks cannot be made here; false where they can. */
export const skip: string | false = insideHost() ? false : 'needs the throwaway host: node test/attacks/run.ts'

/** Content that only root may read; where it turns up, root was led astray. */
export const canary = 'canary-of-root-7f3a91'
/** Its file, in a directory that everybody may search, as /etc/shadow is. */
export const canaryFile = '/etc/attack-canary'
/** The staging directory of the policy `appstore`. */
export const drop = '/var/lib/privexec/staging/appstore/drop'
/** A directory that the service owns, where programs of today stage their files. */
export const ownDirectory = '/var/lib/appstore/push'

/** Prepares the host for a file of attacks. Safe to repeat. */
export function setScene(options: HostOptions = { containers: true }): void {
  if (skip !== false) return
  prepareHost(options)
  mkdirSync('/usr/libexec/privexec', { recursive: true })
  copyFileSync(join(root, 'packages/privexec/libexec/end-operation'), endOperation)
  chmodSync(endOperation, 0o755)
  writeFileSync(canaryFile, canary, { mode: 0o600 })
}

/** The text of a policy of the repository. */
export const policyText = (name: 'appstore' | 'pgd'): string =>
  readFileSync(join(root, `policies/${name}.yaml`), 'utf8')

/** Reads a policy that may grant the commands of these tests too. */
export const readPolicy = (text: string): Promise<Policy> =>
  parsePolicy(text, { commands: [...catalogue, ...testCommands] as readonly Command[] })

/** Runs a command as an account, and notes it for the case that the test fails. */
export async function as(user: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await runAs(user, argv, { timeout: 60_000, ...options })
  trace({ user, argv, ...result })
  return result
}

/** Calls sudo as an account would that goes around the library. */
export const sudo = (user: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  as(user, ['/usr/bin/sudo', '-n', '--', ...argv], options)

/** Calls sudo with many argvs, as an account would that goes around the library. */
export async function sudoAll(user: string, argvs: readonly (readonly string[])[]): Promise<readonly RunResult[]> {
  const script = join(import.meta.dirname, 'batch.ts')
  const { stdout, stderr } = await runScriptAs(user, script, [], { input: JSON.stringify(argvs), timeout: 120_000 })
  if (stdout === '') throw new Error(`no answer of the batch: ${stderr}`)
  const results = JSON.parse(stdout) as RunResult[]
  for (const [index, argv] of argvs.entries()) trace({ user, argv, ...results[index] })
  return results
}

/** Whether sudo let any of them through. */
export const anyRan = async (user: string, argvs: readonly (readonly string[])[]): Promise<boolean> =>
  (await sudoAll(user, argvs)).some(result => {
    if (ran(result)) trace({ ran: result })
    return ran(result)
  })

export const nsenter = ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--'] as const
export const pct = (...args: readonly string[]): string[] => [...nsenter, '/usr/sbin/pct', ...args]
export const zfs = (...args: readonly string[]): string[] => [...nsenter, '/usr/sbin/zfs', ...args]

/** The prefix of {@link nsenter} as it stands in sudoers. */
export const nsenterRule = String.raw`/usr/bin/nsenter --mount\=/proc/1/ns/mnt --`

/** Whether sudo let a command through, whatever the command then did. */
export const ran = ({ exitCode, stderr }: RunResult): boolean =>
  !(exitCode === 1 && /is not allowed to execute|a password is required|command not allowed/.test(stderr))

export const operation = (): string => randomBytes(16).toString('hex')
export const markerOf = (policy: string, id: string = operation()): string => `PRIVEXEC_OPERATION=${policy}-${id}`

/** The argv that the library makes for `pct.exec`. */
export const legalExec = (vmid: number | string, command: readonly string[], marker = markerOf('appstore')): string[] =>
  pct('exec', String(vmid), '--keep-env', '0', '--', '/usr/bin/env', marker, ...command)

/** The argv that the library makes for `pct.push`. */
export const legalPush = (source: string, destination: string, ...options: string[]): string[] =>
  pct('push', '20001', source, destination, ...options)

/** Where the host finds a file of a container. */
export const inContainer = (vmid: number, path: string): string => `/var/lib/lxc/${vmid}/rootfs${path}`

/** Puts a file into a container, with its directories, as root of the container owns it; returns where the host finds it. */
export function place(vmid: number, path: string, content: string): string {
  const parts = path.slice(1).split('/')
  for (const depth of parts.slice(1).keys()) {
    const directory = inContainer(vmid, `/${parts.slice(0, depth + 1).join('/')}`)
    if (existsSync(directory)) continue
    mkdirSync(directory)
    chownSync(directory, containerRoot, containerRoot)
  }
  const file = inContainer(vmid, path)
  writeFileSync(file, content)
  chownSync(file, containerRoot, containerRoot)
  return file
}

/** Account of the host that is root in an unprivileged container. */
export const containerRoot = 100_000

export const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'latin1') : '')

/** Whether an action made a file appear. */
export async function appears(path: string, action: () => Promise<unknown>): Promise<boolean> {
  rmSync(path, { force: true })
  await action()
  const there = existsSync(path)
  rmSync(path, { force: true })
  return there
}

/** Whether an action put what only root may read into a file. */
export async function leaks(path: string, action: () => Promise<unknown>): Promise<boolean> {
  rmSync(path, { force: true })
  await action()
  const leaked = read(path).includes(canary)
  rmSync(path, { force: true })
  return leaked
}

/** Whether any of some attempts succeeded; stops at the first that does. */
export async function any<T>(cases: Iterable<T>, attempt: (each: T) => Promise<boolean>): Promise<boolean> {
  for (const each of cases) {
    if (!(await attempt(each))) continue
    trace({ succeeded: each })
    return true
  }
  return false
}
