import { PassThrough } from 'node:stream'
import { z } from 'zod'
import { containerId } from '../../../src/argument/container-id.ts'
import { programAndArguments } from '../../../src/argument/program.ts'
import { stagedContent } from '../../../src/argument/staged-content.ts'
import type { Account } from '../../../src/broker/account.ts'
import { type Recorder, silentRecorder } from '../../../src/broker/recorder.ts'
import type { Command } from '../../../src/command/command.ts'
import { defineCommand } from '../../../src/command/define.ts'
import { program } from '../../../src/command/program.ts'
import { argument } from '../../../src/command/template.ts'
import type { Allowed } from '../../../src/decide/decision.ts'
import type { PrivexecError } from '../../../src/errors/error.ts'
import type { GuardHost } from '../../../src/guard/guard.ts'
import type { Limits, Policy } from '../../../src/policy/policy.ts'
import { policyOf } from '../../../src/policy/read.ts'
import { openGate } from '../../../src/root/admit/gate.ts'
import type { Service } from '../../../src/root/serve/service.ts'
import type { Exit, StartOptions, Transport } from '../../../src/transport/transport.ts'
import { messageSchemas } from '../../../src/wire/message.ts'
import { deciderOf } from '../../support/decider.ts'

/** What the guard of the commands says; undefined when it holds. */
export interface Guarding {
  check: (vmid: number) => Promise<string | undefined>
}

/** Two commands: one with standard input and terminal, one with content. */
export function commandsWith(guarding: Guarding = { check: async () => undefined }): readonly Command[] {
  const guard = {
    name: 'probe',
    summary: 'The test says so',
    settings: [],
    check: ({ values }: { values: Readonly<Record<string, unknown>> }) => guarding.check(values.vmid as number),
  }
  const tool = program('/usr/bin/tool')
  const use = defineCommand({
    id: 'tool.use',
    summary: 'Use a tool',
    program: tool,
    argv: ['use', argument('vmid', containerId()), '--', argument('words', programAndArguments())],
    guards: [guard],
    stdin: true,
    terminal: true,
  })
  const put = defineCommand({
    id: 'tool.put',
    summary: 'Put something',
    program: tool,
    argv: ['put', argument('vmid', containerId()), argument('content', stagedContent())],
    guards: [guard],
  })
  return [use, put] as unknown as readonly Command[]
}

/** A policy for the two commands. */
export function policyWith(commands: readonly Command[], limits: Partial<Limits> = {}): Policy {
  const problems: string[] = []
  const grant = (command: string) => ({ command, where: { vmid: '20000-20999' }, timeout: '10m' })
  const data = {
    policy: 'sample',
    summary: 'A sample',
    principal: { user: 'sample' },
    transport: 'daemon',
    limits,
    audit: { file: '/var/log/sample/audit.jsonl' },
    grants: [grant('tool.use'), grant('tool.put')],
  }
  const policy = policyOf(z, data, { commands, report: (path, message) => problems.push(`${path}: ${message}`) })
  if (!policy) throw new Error(problems.join('\n'))
  return policy
}

/** A program that a test plays. */
export interface Play {
  readonly request: Allowed
  readonly options: StartOptions
  readonly stdin: PassThrough
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  exit(how: Exit): void
}

/** A transport whose programs are played by a function; one that is ended says that SIGKILL did it. */
export const playing = (play: (program: Play) => unknown): Transport => ({
  name: 'daemon',
  hasTerminals: true,
  start: async (request, _policy, options) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const { promise: exited, resolve } = Promise.withResolvers<Exit>()
    const exit = (how: Exit) => {
      stdout.end()
      stderr.end()
      resolve(how)
    }
    const end = async () => {
      exit({ signal: 'SIGKILL' })
      return { complete: true, processes: 1 }
    }
    play({ request, options, stdin, stdout, stderr, exit })
    return { stdin, stdout, stderr, exited, end }
  },
})

/** A host that has nothing. */
export const noHost: GuardHost = {
  read: async () => undefined,
  look: async () => undefined,
  run: async () => ({ exitCode: undefined, stdout: '', stderr: '' }),
}

/** The account that the policy is for. */
export const asker: Account = { uid: 1000, name: 'sample', pid: 4242, isPrincipal: true }

/** What a service of a test has beside the usual. */
export interface Setting {
  readonly play?: (program: Play) => unknown
  readonly guarding?: Guarding
  readonly limits?: Partial<Limits>
  readonly recorder?: Partial<Recorder>
  readonly stop?: AbortSignal
}

/** A service whose programs exit with 0 when nothing else is said, with what it denied and logged. */
export function serviceWith({ play = ({ exit }) => exit({ exitCode: 0 }), ...setting }: Setting = {}) {
  const policy = policyWith(commandsWith(setting.guarding), setting.limits)
  const denials: PrivexecError[] = []
  const warnings: object[] = []
  const recorder: Recorder = {
    ...silentRecorder,
    denial: async (_facts, error) => {
      denials.push(error)
    },
    ...setting.recorder,
  }
  const service: Service = {
    policy,
    decide: deciderOf(policy),
    recorder,
    transport: playing(play),
    admission: { gate: openGate(policy.limits), limits: policy.limits, host: noHost },
    logger: { debug: () => {}, warn: fields => warnings.push(fields) },
    messages: messageSchemas(z),
    stop: setting.stop ?? new AbortController().signal,
  }
  return { service, denials, warnings }
}

/** A request of the first command. */
export const useRequest = (more: object = {}) => ({
  protocol: 1,
  command: 'tool.use',
  input: { vmid: 20_001, words: ['true'] },
  ...more,
})
