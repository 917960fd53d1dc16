import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { type Readable, Writable } from 'node:stream'
import type { Allowed } from '../decide/decision.ts'
import type { Exit } from './transport.ts'

/** A child with pipes for its output; its standard input is a pipe, or empty. */
export type Child = ChildProcessByStdio<Writable | null, Readable, Readable>

/** Starts a program for a request, in a session of its own: that leaves it no terminal to type into. */
export function startChild(
  request: Allowed,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Child {
  // A pipe costs a tenth of a millisecond, so there is one only for a command that may read it.
  const stdin = request.command.accepts.stdin ? 'pipe' : 'ignore'
  return spawn(file, args, { cwd: '/', env, stdio: [stdin, 'pipe', 'pipe'], detached: true }) as Child
}

/** Standard input of a child; where it has none, one that takes everything and keeps nothing. */
export const inputOf = (child: Child): Writable =>
  child.stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() })

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
