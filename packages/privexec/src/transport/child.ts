import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { type Readable, Writable } from 'node:stream'
import type { Allowed } from '../decide/decision.ts'
import { stage, unstage } from '../staging/stage.ts'
import type { Exit, Running } from './transport.ts'

/** A child with pipes for its output; its standard input is a pipe, or empty. */
export interface Child {
  readonly stdin: Writable | null
  readonly stdout: Readable
  readonly stderr: Readable
  /** Pipes from descriptor 3 on, where it was started with any. */
  readonly stdio?: readonly unknown[]
  on(event: 'error', listener: (error: Error) => void): unknown
  /** At the end of the program, and once its output has ended too; both null when nobody knows how it ended. */
  on(event: 'exit' | 'close', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown
}

/**
 * Starts a program for a request, in a session of its own: that leaves it no terminal to type into. `more` are pipes
 * from descriptor 3 on.
 */
export function startChild(
  request: Allowed,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  more: readonly 'pipe'[] = [],
): Child {
  // A pipe costs a tenth of a millisecond, so there is one only for a command that may read it.
  const stdin = request.command.accepts.stdin ? 'pipe' : 'ignore'
  const stdio = [stdin, 'pipe', 'pipe', ...more] as const
  const options = { cwd: '/', env, stdio: [...stdio], detached: true }
  const child = spawn(file, args, options) as ChildProcessByStdio<Writable | null, Readable, Readable>
  // Without descriptors for the pipes there are no streams, and an error that nobody hears would end the process.
  child.on('error', () => {})
  if (!child.stdout) throw new Error('There are no descriptors for the pipes of the program')
  return child
}

/** Standard input of a child; where it has none, one that takes everything and keeps nothing. */
export const inputOf = (child: Child): Writable =>
  child.stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() })

/**
 * Stages content, starts the program, and removes what was staged when it is over or could not begin. `see` says how the
 * child is watched and ended. Both transports begin here.
 */
export async function launch(
  request: Allowed,
  signal: AbortSignal | undefined,
  start: { readonly file: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
  see: (child: Child) => Pick<Running, 'exited' | 'end'>,
): Promise<Running> {
  const { staged } = request
  if (staged) await stage(staged.file, staged.content, signal)
  const clear = async () => {
    if (staged) await unstage(staged.file)
  }
  try {
    const child = startChild(request, start.file, start.args, start.env)
    const { exited, end } = see(child)
    return { stdin: inputOf(child), stdout: child.stdout, stderr: child.stderr, exited: exited.finally(clear), end }
  } catch (error) {
    await clear()
    throw error
  }
}

/** An exit as it is told: a program that could not be started is missing, or there is no room for another process. */
export function exitOfProgram(exit: Exit, program: string): Exit {
  if (exit.fault?.kind !== 'start') return exit
  const { code } = exit.fault.cause as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'EACCES' ? { fault: { kind: 'missing', program } } : exit
}

/** How long output may still come after the program ended, in milliseconds: a child of it may hold the pipe for ever. */
const drain = 1000

/** How a child process ended, once its output is complete or nobody but strangers can still write to it. */
export function exitOf(child: Child): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  let timer: NodeJS.Timeout | undefined
  child.on('error', cause => resolve({ fault: { kind: 'start', cause } }))
  child.on('exit', () => {
    let seen = -1
    const look = (): void => {
      // A reader that takes its time still gets all that the program has written.
      const waiting = child.stdout.readableLength + child.stderr.readableLength
      const read = bytesOf(child.stdout) + bytesOf(child.stderr)
      if (waiting > 0 || read !== seen) timer = setTimeout(look, drain)
      else {
        child.stdout.destroy()
        child.stderr.destroy()
      }
      seen = read
    }
    look()
  })
  child.on('close', (code, signal) => {
    clearTimeout(timer)
    if (signal !== null) resolve({ signal })
    else resolve(code === null ? { fault: { kind: 'lost', text: 'no exit status arrived' } } : { exitCode: code })
  })
  return promise
}

/** Pipes of a child are sockets, which count. */
const bytesOf = (stream: Readable): number => (stream as Readable & { readonly bytesRead?: number }).bytesRead ?? 0
