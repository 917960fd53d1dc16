import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PgdError } from '../../errors/error.ts'
import { cancelled } from '../../postgres/failure.ts'
import type { Tool, ToolEnd } from '../runtime.ts'
import { environment } from './environment.ts'

/** Characters of the end of what a program said about failures. */
const wordsKept = 8192
/** Bytes of its output, where that goes to no stream. */
const outputKept = 1024 * 1024
/** Milliseconds until force, for a program that was told to end. */
const grace = 2000

/** Runs one of PostgreSQL's programs to its end; an interruption ends it, and rejects. */
export async function runTool(program: string, tool: Tool): Promise<ToolEnd> {
  const { argv, volume, env, stdin, stdout, signal } = tool
  if (signal?.aborted) throw cancelled(signal)
  const mask = process.umask(0o077)
  const child = spawn(program, argv.slice(1), {
    cwd: volume ?? '/',
    env: environment(env),
    stdio: 'pipe',
  })
  process.umask(mask)
  let force: NodeJS.Timeout | undefined
  const abort = (): void => {
    child.kill('SIGTERM')
    force = setTimeout(() => child.kill('SIGKILL'), grace)
  }
  signal?.addEventListener('abort', abort, { once: true })
  const output: Buffer[] = []
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-wordsKept)
  })
  try {
    const closed = once(child, 'close')
    const [end] = await Promise.all([
      closed,
      stdout === undefined ? keep(child.stdout, output) : pipeline(child.stdout, stdout),
      feed(stdin, child.stdin),
    ])
    if (signal?.aborted) throw cancelled(signal)
    const [code, ending] = end as [number | null, NodeJS.Signals | null]
    if (code === null) words = `${words}ended by ${ending}`.slice(-wordsKept)
    return { exitCode: code ?? 128, stdout: Buffer.concat(output).toString().slice(0, outputKept), stderr: words }
  } catch (error) {
    child.kill('SIGKILL')
    if (signal?.aborted) throw cancelled(signal)
    const message = `${argv[0]} cannot be run, or its output cannot be written`
    throw new PgdError('PGD_PROGRAM_FAILED', message, { program: argv[0], stderr: words, cause: error })
  } finally {
    clearTimeout(force)
    signal?.removeEventListener('abort', abort)
  }
}

async function keep(from: Readable, chunks: Buffer[]): Promise<void> {
  let size = 0
  for await (const chunk of from) {
    if (size < outputKept) chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
  }
}

/** A program need not read all that it is given. */
async function feed(from: Readable | undefined, to: Writable): Promise<void> {
  await pipeline(from ?? [], to).catch((error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET'].includes(error.code ?? '')) throw error
  })
}
