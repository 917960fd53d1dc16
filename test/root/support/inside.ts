import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { mock } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { stagingDirectory } from '../../../packages/privexec/src/argument/staged-content.ts'
import type { Command } from '../../../packages/privexec/src/command/command.ts'
import type { Policy } from '../../../packages/privexec/src/policy/policy.ts'
import { runDaemon } from '../../../packages/privexec/src/root/start/daemon.ts'
import { socketPath } from '../../../packages/privexec/src/transport/daemon/path.ts'
import { encodeJson } from '../../../packages/privexec/src/wire/frame.ts'
import { type Talker, talker } from '../../../packages/privexec/test/support/link.ts'
import { rootCommands } from './commands.ts'
import { installRootPolicy, installRootSide, testPolicy } from './daemon.ts'

export const commands = rootCommands as unknown as readonly Command[]

/** A name of a policy, and an audit file, that no other process has. */
export const name = `inside_${process.pid}`
export const auditFile = `/var/log/privexec/${name}/audit.jsonl`

/** Installs the policy and the programs of root's side. */
export async function installInside(more: object = {}): Promise<Policy> {
  installRootSide()
  const principal = { user: 'appstore' }
  return installRootPolicy(testPolicy({ policy: name, principal, audit: { file: auditFile }, ...more }), commands)
}

/** Removes what the policy left behind. */
export function forget(): void {
  for (const path of [auditFile, stagingDirectory(name), socketPath(name)]) {
    rmSync(dirname(path), { recursive: true, force: true })
  }
}

/** Writes the program that `test.script` runs; each process has the one script, so its tests go one by one. */
export const scriptOf = (body: string): void =>
  writeFileSync('/usr/local/sbin/test-script', `#!/bin/sh\n${body}\n`, { mode: 0o755 })

/** A request of a command of the tests. */
export const request = (command = 'test.nothing', more: object = {}): Buffer =>
  encodeJson('request', { protocol: 1, command, input: { name: 'tank/x' }, ...more })

/** A broker of root's within this process. */
export interface Inside {
  /** Resolves when it has ended in good order. */
  readonly ended: Promise<void>
  /** What it wrote to the journal. */
  readonly journal: () => string
  /** Delivers a signal to it alone. */
  signal(name: NodeJS.Signals): void
}

/** Starts a broker for the policy that is installed. Resolves when its socket answers, or it has failed. */
export async function startInside(idle?: number): Promise<Inside> {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  const before = new Map(signals.map(signal => [signal, process.listeners(signal)]))
  const written: string[] = []
  const stderr = mock.method(process.stderr, 'write', (text: string) => written.push(text) > 0)
  const own = (signal: NodeJS.Signals) =>
    process.listeners(signal).filter(each => !before.get(signal as 'SIGTERM')?.includes(each))
  const ended = runDaemon({ policy: name, isOnce: false, ...(idle === undefined ? {} : { idle }) }, commands).finally(
    () => {
      stderr.mock.restore()
      for (const signal of signals) for (const each of own(signal)) process.off(signal, each)
    },
  )
  let isOver = false
  const over = () => {
    isOver = true
  }
  ended.then(over, over)
  while (!isOver && !isReady()) await delay(5)
  const signal = (name: NodeJS.Signals) => {
    for (const each of own(name)) each(name)
  }
  return { ended, journal: () => written.join(''), signal }
}

const isReady = (): boolean => existsSync(socketPath(name)) && (statSync(socketPath(name)).mode & 0o777) === 0o660

type Client = Talker & { readonly stream: Socket }

/** A client of the broker, this process; it hangs up when the broker does, unless it is `stubborn`. */
export async function call(frames: readonly Buffer[] = [], stubborn = false): Promise<Client> {
  const socket = connect({ path: socketPath(name), allowHalfOpen: stubborn })
  await once(socket, 'connect')
  socket.on('error', () => {})
  const client = talker(socket, 'root')
  client.say(...frames)
  return { ...client, stream: socket }
}

/** The records of the policy. */
export const records = () =>
  readFileSync(auditFile, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

/** Ids of the children of this process that run a program. */
export const childrenOf = (program: string): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter(pid => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program))

/** Makes the directory of the audit file, as the broker does. */
export const makeAuditDirectory = (): string => mkdirSync(dirname(auditFile), { recursive: true, mode: 0o750 }) ?? ''
