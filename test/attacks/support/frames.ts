// A client of the root-side broker that is not ours: as an account, it sends any bytes, and writes down what comes back.
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { socketPath } from '../../../packages/privexec/src/transport/daemon/path.ts'
import {
  dataFrames,
  encodeFrame,
  encodeJson,
  type FrameName,
  FrameReader,
} from '../../../packages/privexec/src/wire/frame.ts'
import { type RunOptions, runAs } from '../../host/service.ts'
import { trace } from './trace.ts'

/** What is done on a connection: bytes in base64, a pause in milliseconds, waiting for a frame, or the end of ours. */
export type Step =
  | { readonly bytes: string }
  | { readonly pause: number }
  | { readonly until: FrameName }
  | { readonly end: true }

/** One connection. */
export interface Conversation {
  /** Name of the policy whose socket is used. */
  readonly policy: string
  readonly steps: readonly Step[]
  /** Milliseconds after the last step until the client leaves; 20 seconds by default. */
  readonly patience?: number
  /** Reads nothing until the last step is done. */
  readonly deaf?: boolean
}

/** What came back on a connection. */
export interface Heard {
  readonly frames: readonly { readonly name: FrameName; readonly text: string }[]
  /** The frame `refused` or `outcome`, as the root-side broker said it. */
  readonly last: Readonly<Record<string, unknown>>
  readonly stdout: string
  /** Error of the system, such as EACCES for a socket that the account may not use. */
  readonly fault?: string
  /** From the connection to its end, in milliseconds. */
  readonly took: number
}

const bytes = (...frames: readonly Uint8Array[]): Step => ({ bytes: Buffer.concat(frames).toString('base64') })

/** A request frame with any text. */
export const rawRequest = (text: string | Uint8Array): Step => bytes(encodeFrame('request', Buffer.from(text)))
/** Bytes as they are. */
export const rawBytes = (...parts: readonly Uint8Array[]): Step => bytes(...parts)

/** A request, with text as content or standard input after it. */
export const ask = (policy: string, request: object | string, input?: string | Uint8Array): Conversation => ({
  policy,
  steps: [
    typeof request === 'string' ? rawRequest(request) : bytes(encodeJson('request', { protocol: 1, ...request })),
    ...(input === undefined ? [] : [bytes(...dataFrames('input', Buffer.from(input)), encodeFrame('inputEnd'))]),
  ],
})

export const execFrame = (command: unknown, vmid: unknown = 20001, more: object = {}): object => ({
  command: 'pct.exec',
  input: { vmid, command },
  ...more,
})

export const pushFrame = (destination: unknown, more: object = {}): object => ({
  command: 'pct.push',
  input: { vmid: 20001, destination, ...more },
})

export const mountFrame = (dataset: unknown, verb = 'mount'): object => ({ command: `zfs.${verb}`, input: { dataset } })

/** How the client runs: connections at a time, and what its argv begins with. */
export type SpeakOptions = RunOptions & { readonly together?: number; readonly before?: readonly string[] }

/** Makes connections as an account in its read-only namespace, some of them at a time, and tells what came back. */
export async function speak(
  user: string,
  conversations: readonly Conversation[],
  { together = 4, before = [], ...options }: SpeakOptions = {},
): Promise<Heard[]> {
  const { stdout, stderr } = await runAs(user, [...before, process.execPath, import.meta.filename], {
    cwd: join(import.meta.dirname, '../../..'),
    input: JSON.stringify({ conversations, together }),
    timeout: 120_000,
    ...options,
  })
  if (stdout === '') throw new Error(`the client gave no answer: ${stderr}`)
  const heard = JSON.parse(stdout) as Heard[]
  for (const [at, each] of heard.entries()) trace({ user, conversation: conversations[at], ...each })
  return heard
}

/** Whether root started something for any of them, whatever came of it. */
export const anyStarted = (heard: readonly Heard[]): boolean =>
  heard.some(({ frames }) => frames.some(({ name }) => name === 'started'))

/** Whether root let any of them in: into the queue, behind the decision. */
export const anyAccepted = (heard: readonly Heard[]): boolean =>
  heard.some(({ frames }) => frames.some(({ name }) => name === 'accepted'))

/** Throws unless each was refused with this code: what is refused for another reason shows nothing. */
export function mustRefuse(heard: readonly Heard[], code: string): void {
  const other = heard.find(({ last }) => last.code !== code)
  if (other) throw new Error(`not refused with ${code}: ${JSON.stringify({ ...other.last, fault: other.fault })}`)
}

async function converse({ policy, steps, patience = 20_000, deaf = false }: Conversation): Promise<Heard> {
  const began = performance.now()
  const frames: { name: FrameName; text: string }[] = []
  const reader = new FrameReader('root')
  const socket = connect({ path: socketPath(policy), allowHalfOpen: true })
  const closed = new Promise(resolve => socket.once('close', resolve))
  let fault: string | undefined
  socket.on('error', (error: NodeJS.ErrnoException) => {
    fault = error.code
  })
  socket.on('end', () => socket.end())
  const listen = () =>
    socket.on('data', chunk => {
      for (const { name, payload } of reader.push(chunk)) frames.push({ name, text: payload.toString('latin1') })
    })
  if (!deaf) listen()
  const has = (wanted: FrameName) => frames.some(({ name }) => name === wanted)
  for (const step of steps) {
    if ('bytes' in step) socket.write(Buffer.from(step.bytes, 'base64'))
    else if ('pause' in step) await delay(step.pause)
    else if ('until' in step) while (!has(step.until) && !socket.closed) await delay(5)
    else socket.end()
  }
  if (deaf) listen()
  const timer = setTimeout(() => socket.destroy(), patience)
  await closed
  clearTimeout(timer)
  const last = frames.findLast(({ name }) => name === 'refused' || name === 'outcome')
  const stdout = frames.map(({ name, text }) => (name === 'stdout' ? text : '')).join('')
  const took = performance.now() - began
  return {
    frames: frames.slice(0, 200).map(({ name, text }) => ({ name, text: text.slice(0, 4096) })),
    last: last ? JSON.parse(last.text) : {},
    stdout: stdout.slice(0, 65_536),
    ...(fault === undefined ? {} : { fault }),
    took,
  }
}

if (import.meta.main) {
  const text = await new Response(process.stdin as never).text()
  const { conversations, together } = JSON.parse(text) as { conversations: Conversation[]; together: number }
  const heard: Heard[] = []
  const queue = conversations.entries()
  const worker = async () => {
    for (const [at, conversation] of queue) heard[at] = await converse(conversation)
  }
  await Promise.all(Array.from({ length: together }, worker))
  process.stdout.write(JSON.stringify(heard))
}
