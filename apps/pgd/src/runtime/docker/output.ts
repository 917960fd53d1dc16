import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import type { ToolEnd } from '../runtime.ts'
import type { Frame } from './frames.ts'

/** Bytes of stdout and characters of stderr that a result has. */
const longestOutput = 1024 * 1024
const longestWords = 8192

/** What a stream of the caller that breaks comes to. */
export function streamFailure(program: string, what: string, cause: unknown): PgdError {
  const message = `${program} could not ${what}: ${escapeValue(String((cause as Error).message), 200)}`
  const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'PGD_NO_SPACE' : 'PGD_PROGRAM_FAILED'
  return new PgdError(code, message, { program, cause })
}

/**
 * What a program says: to the caller's stream as fast as that takes it, which is not ended, and else up to what a result
 * may have.
 */
export class Collector {
  readonly #program: string
  readonly #stdout: Writable | undefined
  readonly #parts: Buffer[] = []
  readonly #note = (error: Error): void => {
    this.#failure ??= error
  }
  #length = 0
  #words = ''
  #failure: Error | undefined

  constructor(program: string, stdout: Writable | undefined) {
    this.#program = program
    this.#stdout = stdout
    stdout?.on('error', this.#note)
  }

  /** Resolves when more may come. Rejects when the caller's stream is broken. */
  async take({ from, bytes }: Frame): Promise<void> {
    if (from === 'stderr') {
      // One character a byte, so that none is cut in two; at most four bytes are one.
      this.#words = (this.#words + bytes.toString('latin1')).slice(-longestWords * 4)
    } else if (this.#stdout !== undefined) {
      await this.#pass(this.#stdout, bytes)
    } else if (this.#length < longestOutput) {
      const part = bytes.subarray(0, longestOutput - this.#length)
      this.#parts.push(Buffer.from(part))
      this.#length += part.length
    }
  }

  /** A stream that is closed takes nothing, and never says that it has drained. */
  async #pass(stdout: Writable, bytes: Buffer): Promise<void> {
    const over = new AbortController()
    try {
      if (this.#failure !== undefined) throw this.#failure
      if (stdout.destroyed) throw new Error('it was closed')
      if (stdout.write(bytes)) return
      const drained = once(stdout, 'drain', { signal: over.signal }).then(() => true)
      const closed = once(stdout, 'close', { signal: over.signal }).then(() => false)
      closed.catch(() => {})
      if (!(await Promise.race([drained, closed]))) throw this.#failure ?? new Error('it was closed')
    } catch (cause) {
      throw streamFailure(this.#program, 'write its output', cause)
    } finally {
      over.abort()
    }
  }

  end(): Pick<ToolEnd, 'stdout' | 'stderr'> {
    const stderr = Buffer.from(this.#words, 'latin1').toString().slice(-longestWords)
    return { stdout: Buffer.concat(this.#parts).toString(), stderr }
  }

  /** Leaves the caller's stream alone from now on. */
  release(): void {
    this.#stdout?.off('error', this.#note)
  }
}
