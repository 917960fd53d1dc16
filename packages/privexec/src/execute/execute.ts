import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Ending, Exit, Running } from '../transport/transport.ts'
import { defaultMaxOutput, type RunOptions } from './options.ts'
import { type Output, readOutput } from './output.ts'

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

/** How long an operation that could not be ended is waited for, in milliseconds. */
const patience = 3000

const nothing: Output = { text: '', tail: '', bytes: 0 }

/** Sees a running operation through: input, output, limits, cancellation. Never rejects. `limit` is in milliseconds. */
export async function execute(running: Running, limit: number, options: RunOptions): Promise<Execution> {
  const { signal, onStdout, onStderr, maxOutput = defaultMaxOutput } = options
  let interruption: Interruption | undefined
  let cause: unknown
  let ending: Promise<Ending> | undefined
  let isOver = false
  const interrupt = (why: Interruption, because?: unknown) => {
    if (interruption || isOver) return
    interruption = why
    cause = because
    ending = running.end()
    ending.then(({ complete }) => complete || setTimeout(giveUp, patience))
    if (why !== 'timedOut' && why !== 'cancelled') {
      running.stdout.destroy()
      running.stderr.destroy()
    }
  }

  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<Exit>()
  const giveUp = () => {
    abandon({ fault: { kind: 'lost', text: 'the operation could not be ended' } })
    running.stdout.destroy()
    running.stderr.destroy()
  }

  let left = maxOutput
  const counted = (bytes: number) => {
    left -= bytes
    if (left < 0) interrupt('outputLimited')
  }
  const uncounted = () => {}
  const failed = (error: unknown): Output => {
    interrupt('streamFailed', error)
    return nothing
  }
  const isLimited = (callback: unknown) => options.maxOutput !== undefined || !callback
  const stdout = readOutput(running.stdout, onStdout, isLimited(onStdout) ? counted : uncounted).catch(failed)
  const stderr = readOutput(running.stderr, onStderr, isLimited(onStderr) ? counted : uncounted).catch(failed)
  feed(running, options.stdin, error => interrupt('streamFailed', error))

  const cancel = () => interrupt('cancelled', signal?.reason)
  const timer = setTimeout(() => interrupt('timedOut'), limit)
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel()

  const exit = await Promise.race([running.exited, abandoned])
  isOver = true
  clearTimeout(timer)
  signal?.removeEventListener('abort', cancel)
  const ended = ending === undefined ? exit.fault?.kind !== 'lost' : (await ending).complete
  const output = { stdout: await stdout, stderr: await stderr }
  return {
    exit,
    ...output,
    ended,
    ...(interruption ? { interruption } : {}),
    ...(cause === undefined ? {} : { cause }),
  }
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
