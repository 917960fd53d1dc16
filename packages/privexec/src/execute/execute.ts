import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Ending, Exit, Running } from '../transport/transport.ts'
import { defaultMaxOutput, type RunOptions } from './options.ts'
import { type OnChunk, type Output, readOutput } from './output.ts'

/** Why the library ended an operation itself. */
export type Interruption = 'timedOut' | 'cancelled' | 'outputLimited' | 'streamFailed'

/** Everything that is known when an operation is over. */
export interface Execution {
  readonly exit: Exit
  readonly stdout: Output
  readonly stderr: Output
  readonly interruption?: Interruption
  /** The error of the caller's stream or callback, or the reason of the abort signal. */
  readonly cause?: unknown
  /** Whether nothing that root started is left. */
  readonly ended: boolean
}

/** How long, after everything was ended, exit and callbacks are waited for, in milliseconds. */
const patience = 3000

/** How long, after its time limit, a side that keeps the time is waited for, in milliseconds. */
export const silence = 10_000

const nothing: Output = { text: '', tail: '', bytes: 0 }
const unknown: Exit = { fault: { kind: 'lost', text: 'the operation could not be ended' } }

/** Sees a running operation through: input, output, limits, cancellation. Never rejects. `limit` is in milliseconds. */
export async function execute(running: Running, limit: number, options: RunOptions): Promise<Execution> {
  const { signal, onStdout, onStderr, maxOutput = defaultMaxOutput } = options
  let interruption: Interruption | undefined
  let cause: unknown
  let ending: Promise<Ending> | undefined
  let exit: Exit | undefined
  let isOver = false
  let lastWait: NodeJS.Timeout | undefined
  const { promise: abandoned, resolve: abandon } =
    Promise.withResolvers<Pick<Execution, 'exit' | 'stdout' | 'stderr'>>()
  const closeOutput = () => {
    running.stdout.destroy()
    running.stderr.destroy()
  }
  // A program that could not be ended, or a callback that never returns, must not keep the caller waiting.
  const giveUp = () => {
    abandon({ exit: exit ?? unknown, stdout: nothing, stderr: nothing })
    closeOutput()
  }
  const interrupt = (why: Interruption, because?: unknown) => {
    if (interruption || isOver) return
    interruption = why
    cause = because
    ending = running.end()
    ending.then(() => {
      if (!isOver) lastWait = setTimeout(giveUp, patience)
    })
    if (why !== 'timedOut' && why !== 'cancelled') closeOutput()
  }

  let left = maxOutput
  const counted = (bytes: number) => {
    left -= bytes
    if (left < 0) interrupt('outputLimited')
  }
  const read = (stream: Readable, callback: OnChunk | undefined) => {
    const isLimited = options.maxOutput !== undefined || !callback
    return readOutput(stream, callback, isLimited ? counted : () => {}).catch(error => {
      interrupt('streamFailed', error)
      return nothing
    })
  }
  const output = Promise.all([read(running.stdout, onStdout), read(running.stderr, onStderr)])
  feed(running, options.stdin, error => interrupt('streamFailed', error))
  const cancel = () => interrupt('cancelled', signal?.reason)
  const timer = setTimeout(() => interrupt('timedOut'), running.keepsTime ? limit + silence : limit)
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel()

  const finished = running.exited.then(async value => {
    exit = value
    const [stdout, stderr] = await output
    return { exit, stdout, stderr }
  })
  const last = await Promise.race([finished, abandoned])
  isOver = true
  clearTimeout(timer)
  clearTimeout(lastWait)
  signal?.removeEventListener('abort', cancel)
  const { fault, ended: known = fault?.kind !== 'lost' } = last.exit
  const ended = ending === undefined ? known : (await ending).complete
  interruption ??= last.exit.interruption
  return { ...last, ended, ...(interruption ? { interruption } : {}), ...(cause === undefined ? {} : { cause }) }
}

/** Gives standard input to the program. That the program stops reading is its own business and no error. */
function feed(running: Running, input: RunOptions['stdin'], onError: (error: unknown) => void): void {
  running.stdin.on('error', () => {})
  if (input === undefined) running.stdin.end()
  else if (typeof input === 'string' || input instanceof Uint8Array) running.stdin.end(input)
  else {
    const source = input instanceof Readable ? input : Readable.from(input)
    let sourceError: unknown
    source.on('error', error => {
      // When the program stops reading, the pipeline ends the source with an error that is not the source's own.
      if (!running.stdin.destroyed) sourceError = error
    })
    pipeline(source, running.stdin).catch(() => sourceError !== undefined && onError(sourceError))
  }
}
