import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stagingDirectory } from '../../../packages/privexec/src/argument/staged-content.ts'
import { type Command, catalogue, type Policy, parsePolicy } from '../../../packages/privexec/src/index.ts'
import { policyDirectory } from '../../../packages/privexec/src/policy/installed.ts'
import { toJson } from '../../../packages/privexec/src/policy/json.ts'
import { socketPath } from '../../../packages/privexec/src/transport/daemon/path.ts'
import { prepareHost } from '../../host/prepare.ts'
import { rootCommands } from './commands.ts'

const root = join(import.meta.dirname, '../../..')
const libexec = '/usr/libexec/privexec'

/** A policy of the commands that only tests have; principals may be changed by what is appended in JSON. */
export const testPolicy = (more: object = {}): string =>
  JSON.stringify({
    policy: 'rootside',
    summary: 'Commands of the tests',
    principal: { user: 'appstore' },
    transport: 'daemon',
    audit: { file: '/var/log/privexec/rootside/audit.jsonl' },
    grants: [
      { command: 'test.nothing', where: { base: 'tank' }, timeout: '30s' },
      { command: 'test.script', where: { base: 'tank' }, timeout: '30s' },
      { command: 'test.stubborn', where: { base: 'tank' }, timeout: '2s' },
      { command: 'test.absent', where: { base: 'tank' }, timeout: '2s' },
    ],
    ...more,
  })

/** The policy of the app store through the root-side broker. */
export const appstorePolicy = (more: object = {}): string =>
  JSON.stringify({
    policy: 'appstore',
    summary: 'Install apps',
    principal: { user: 'appstore', service: true },
    transport: 'daemon',
    audit: { file: '/var/log/privexec/root-appstore/audit.jsonl' },
    grants: [
      { command: 'pct.exec', where: { vmid: '20000-20999' }, guard: { pool: 'appstore' }, timeout: '30s' },
      { command: 'pct.push', where: { vmid: '20000-20999' }, guard: { pool: 'appstore' }, timeout: '30s' },
    ],
    ...more,
  })

/** Puts the programs of root's side in place, on a prepared host. */
export function installRootSide(): void {
  mkdirSync(libexec, { recursive: true })
  for (const name of ['end-operation', 'warden', 'terminal']) {
    const source = join(root, 'packages/privexec/libexec', name)
    if (!existsSync(source)) continue
    // A running warden keeps the old file.
    rmSync(join(libexec, name), { force: true })
    copyFileSync(source, join(libexec, name))
    chmodSync(join(libexec, name), 0o755)
  }
}

/** Writes the program that `test.script` runs. */
export function installScript(body: string): void {
  writeFileSync('/usr/local/sbin/test-script', `#!/bin/sh\n${body}\n`)
  chmodSync('/usr/local/sbin/test-script', 0o755)
}

/** Installs a policy as `privexec policy install` does, as far as root's side needs it. */
export async function installRootPolicy(
  text: string,
  commands = [...catalogue, ...rootCommands] as readonly Command[],
): Promise<Policy> {
  const policy = await parsePolicy(text, { commands })
  mkdirSync(policyDirectory, { recursive: true, mode: 0o755 })
  writeFileSync(join(policyDirectory, `${policy.name}.yaml`), text)
  writeFileSync(join(policyDirectory, `${policy.name}.json`), toJson(JSON.parse(text)))
  const drop = stagingDirectory(policy.name)
  mkdirSync(drop, { recursive: true })
  chmodSync(dirname(drop), 0o755)
  chownSync(dirname(drop), 0, 0)
  chmodSync(drop, 0o700)
  return policy
}

/** A root-side broker that runs. */
export interface Daemon {
  readonly policy: Policy
  readonly child: ChildProcess
  /** What it wrote to standard error. */
  readonly said: () => string
  /** Ends it in good order; its exit status. */
  stop(): Promise<number | null>
}

/** Installs a policy and starts `privexecd` for it, by hand. Resolves when its socket answers. */
export async function startDaemon(
  text: string,
  { args = [], before = [], entry = join(import.meta.dirname, 'privexecd.ts'), env = {}, commands } = {} as {
    args?: readonly string[]
    /** Put before its own argv: a program that starts it. */
    before?: readonly string[]
    entry?: string
    /** Those that `entry` has, where they are not the usual ones. */
    commands?: readonly Command[]
    env?: Readonly<Record<string, string>>
  },
): Promise<Daemon> {
  prepareHost()
  installRootSide()
  const policy = await installRootPolicy(text, commands)
  // env(1) keeps away what a test runner puts into the processes of its tests.
  const own = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const argv = [...own, ...before, process.execPath, '--conditions=@broker/source', entry, '--policy', policy.name]
  const child = spawn('env', ['-i', ...argv, ...args], { cwd: '/', stdio: ['ignore', 'inherit', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const path = socketPath(policy.name)
  for (let tries = 0; !(await answers(path)); tries += 1) {
    if (child.exitCode !== null || tries > 400) throw new Error(`privexecd does not answer: ${said}`)
    await delay(25)
  }
  const stop = () => {
    child.kill('SIGTERM')
    return exited
  }
  return { policy, child, said: () => said, stop }
}

/** Whether something accepts connections there: the mode is set last. */
async function answers(path: string): Promise<boolean> {
  if (!existsSync(path) || (statSync(path).mode & 0o777) !== 0o660) return false
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
