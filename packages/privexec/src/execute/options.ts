import type { Readable } from 'node:stream'
import type { TerminalSize } from '../wire/message.ts'
import type { OnChunk } from './output.ts'

/** A terminal that the program shall run on. */
export interface Terminal extends TerminalSize {
  /** New sizes, as they come. */
  readonly resizes?: AsyncIterable<TerminalSize>
}

/** Options of one operation. */
export interface RunOptions {
  /** Cancels the operation: root ends what it started. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; the time limit of the policy counts when it is shorter. */
  readonly timeout?: number | undefined
  /** Takes standard output as it comes; the result then holds no text of it. */
  readonly onStdout?: OnChunk | undefined
  readonly onStderr?: OnChunk | undefined
  /** Standard input, for commands that take one; empty by default. */
  readonly stdin?: Uint8Array | string | Readable | AsyncIterable<Uint8Array> | undefined
  /** A terminal of its own, for commands that allow one; all output is standard output then. */
  readonly terminal?: Terminal | undefined
  /** Most bytes of output of both streams; 16 MiB by default, no limit for a stream with a callback. */
  readonly maxOutput?: number | undefined
  /** The person on whose behalf this is done, for the audit record. */
  readonly caller?: { readonly id?: string; readonly name?: string } | undefined
}

/** Output that is collected when nothing else is said: 16 MiB. */
export const defaultMaxOutput = 16 * 1024 * 1024
