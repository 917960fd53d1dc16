import { PassThrough, Readable } from 'node:stream'
import type { Account } from '../broker/account.ts'
import { type Broker, brokerOf } from '../broker/broker.ts'
import { silentLogger } from '../broker/logger.ts'
import { type Recorder, silentRecorder } from '../broker/recorder.ts'
import { decider } from '../decide/decide.ts'
import type { Allowed } from '../decide/decision.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import type { Exit, Running, Transport } from '../transport/transport.ts'

/** What the pretended program does; by default it exits 0 and says nothing. */
export interface Answer extends Exit {
  readonly stdout?: string | Uint8Array
  readonly stderr?: string | Uint8Array
  /** Goes on until it is cancelled. */
  readonly hangs?: boolean
}

/** One call that reached the transport. */
export interface Call {
  readonly command: string
  /** The argv that root would have been given. */
  readonly argv: readonly string[]
  readonly values: Allowed['values']
  /** What was to be staged. */
  readonly content?: Buffer
  /** Standard input, complete once the call is over. */
  readonly stdin: Buffer[]
}

/** A transport that runs nothing: it keeps the calls, and answers them. */
export interface RecordingTransport extends Transport {
  readonly calls: readonly Call[]
}

/** Answers by command id, or a function that answers each request. */
export type Answers = Readonly<Record<string, Answer>> | ((request: Allowed) => Answer | Promise<Answer>)

/** Makes a transport for unit tests. Validation, policy and results are the real ones. */
export function recordingTransport(answers: Answers = {}): RecordingTransport {
  const calls: Call[] = []
  return {
    name: 'recording',
    calls,
    start: async request => {
      const answer = typeof answers === 'function' ? await answers(request) : (answers[request.command.id] ?? {})
      const content = request.staged && (await bytesOf(request.staged.content))
      const stdin: Buffer[] = []
      const { argv, command, values } = request
      calls.push({ command: command.id, argv, values, stdin, ...(content ? { content } : {}) })
      return pretend(answer, stdin)
    },
  }
}

/** What a broker for tests has beyond its defaults. */
export interface TestOptions {
  /** Writes a real audit file; otherwise nothing is recorded. */
  readonly audit?: { readonly file: string }
  /** Name of the account that asks; the policy's principal by default. */
  readonly account?: string
}

/** A broker for unit tests: no root, no sudo, and the account is taken for the policy's principal. */
export async function testBroker(
  policy: string | Policy,
  transport: Transport = recordingTransport(),
  options: TestOptions = {},
): Promise<Broker> {
  const { z } = await import('zod')
  const loaded = typeof policy === 'string' ? await loadPolicy(policy) : policy
  const account: Account = { uid: 65_534, name: options.account ?? loaded.principal.name, isPrincipal: true }
  const recorder = options.audit ? await fileRecorder(options.audit.file) : silentRecorder
  return brokerOf({ policy: loaded, decide: decider(z, loaded), recorder, transport, account, logger: silentLogger })
}

async function fileRecorder(file: string): Promise<Recorder> {
  const [{ recorderOf }, { openAudit }] = await Promise.all([
    import('../broker/recorder.ts'),
    import('../audit/writer.ts'),
  ])
  return recorderOf(await openAudit({ file }))
}

function pretend({ stdout = '', stderr = '', hangs = false, ...exit }: Answer, input: Buffer[]): Running {
  const stdin = new PassThrough()
  stdin.on('data', (chunk: Buffer) => input.push(chunk))
  const { promise, resolve } = Promise.withResolvers<Exit>()
  const outputs = { stdout: Readable.from([Buffer.from(stdout)]), stderr: Readable.from([Buffer.from(stderr)]) }
  const isExit = exit.exitCode !== undefined || exit.signal !== undefined || exit.fault !== undefined
  if (!hangs) stdin.on('end', () => resolve(isExit ? exit : { exitCode: 0 }))
  const end = async () => {
    resolve({ signal: 'SIGKILL' })
    return { complete: true, processes: 1 }
  }
  return { stdin, ...outputs, exited: promise, end }
}

async function bytesOf(content: NonNullable<Allowed['staged']>['content']): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content)
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
