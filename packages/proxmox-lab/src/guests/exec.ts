import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExecOptions, ExecResult, PushOptions, Shell } from './runtime.ts'

/** Bytes of output that are kept for the result; listeners get all. */
const limit = 16 * 1024 * 1024

/** Environment of every program in a guest. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
}

/** Runs a command that enters a guest, and collects what it says. A stop by the signal takes its children too. */
export async function collect(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const [program = '', ...args] = argv
  options.signal?.throwIfAborted()
  const env = { ...environment, ...options.env }
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
  const stop = (): void => killTree(child)
  options.signal?.addEventListener('abort', stop, { once: true })
  const stdout = keep(child.stdout, options.onStdout)
  const stderr = keep(child.stderr, options.onStderr)
  const input = options.stdin === undefined ? [] : options.stdin
  const source = typeof input === 'string' || input instanceof Uint8Array ? Readable.from([input]) : input
  // A program need not read what it is given.
  pipeline(source, child.stdin).catch(() => undefined)
  try {
    const [status, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...end) => resolve(end))
    })
    options.signal?.throwIfAborted()
    return { exitCode: status ?? (signal === null ? 255 : 137), stdout: stdout(), stderr: stderr() }
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

function keep(stream: Readable, listener: ((chunk: Buffer) => void) | undefined): () => Buffer {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    listener?.(chunk)
    if (size < limit) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks)
}

/** Ends a process and what it started. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return
  for (const pid of [...descendants(child.pid), child.pid])
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
}

function descendants(pid: number): number[] {
  let children: number[] = []
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
  return children.flatMap(child => [...descendants(child), child])
}

type Enter = (argv: readonly string[]) => string[]

/** Writes a file in a guest; its directory has to exist. */
export async function pushBy(enter: Enter, path: string, bytes: Uint8Array, options: PushOptions): Promise<void> {
  const mode = (options.mode ?? 0o644).toString(8)
  const owner = `${options.uid ?? ''}${options.gid === undefined ? '' : `:${options.gid}`}`
  const script = 'cat >"$1" && chmod "$2" "$1" && if [ -n "$3" ]; then chown "$3" "$1"; fi'
  const { exitCode, stderr } = await collect(enter(['sh', '-c', script, 'push', path, mode, owner]), { stdin: bytes })
  if (exitCode !== 0) throw new Error(`failed to create file: ${path}: ${stderr.toString().trim()}`)
}

/** A login shell of a guest on a terminal of its own, which `script` makes there. */
export async function shellBy(enter: Enter, columns: number, rows: number): Promise<Shell> {
  const note = `/run/console-${randomBytes(6).toString('hex')}`
  const command = `tty >${note}; stty cols ${columns} rows ${rows}; exec $(command -v bash || echo sh) -l`
  const [program = '', ...args] = enter(['script', '-q', '-f', '-c', command, '/dev/null'])
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment })
  child.stdin.on('error', () => undefined)
  child.on('error', () => undefined)
  return {
    write: bytes => void child.stdin.write(bytes),
    resize(width, height) {
      const resizing = `stty -F "$(cat ${note})" cols ${Math.trunc(width)} rows ${Math.trunc(height)}`
      collect(enter(['sh', '-c', resizing]), {}).catch(() => undefined)
    },
    onData: listener => {
      child.stdout.on('data', listener)
      child.stderr.on('data', listener)
    },
    onEnd: listener => void child.once('close', listener),
    end: () => killTree(child),
  }
}
