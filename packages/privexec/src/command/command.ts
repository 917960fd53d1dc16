import type { Guard } from '../guard/guard.ts'
import type { Element } from './template.ts'

/** How a failure of the program is recognised: all that is given must agree. */
export interface FailureSign {
  readonly exitCode?: number
  /** Matched against standard error, of which the last 64 KiB are kept. */
  readonly stderr?: RegExp
}

/** What a command runs, and what comes before it. */
export interface Program {
  /** Absolute path of the executable that the rule names and sudo starts. */
  readonly executable: string
  /** Constant elements between the executable and the template. */
  readonly prefix: readonly string[]
  /** Absolute path of the program that does the work; the same as `executable` when nothing comes before it. */
  readonly path: string
}

/** A typed definition of one privileged operation. Everything else is derived from it. */
export interface Command<Input = unknown> {
  readonly id: string
  readonly summary: string
  readonly program: Program
  readonly argv: readonly Element[]
  readonly failures: Readonly<Record<string, FailureSign>>
  /** The program exits 0 when it failed, so any text on standard error is a failure. */
  readonly stderrIsFailure: boolean
  /** What must hold on the host just before the program starts; only the root-side broker can tell. */
  readonly guards: readonly Guard[]
  readonly accepts: { readonly stdin: boolean; readonly terminal: boolean }
  /** Type of the input; no value at run time. */
  readonly Input?: Input
}

/** The input type of a command. */
export type CommandInput<C> = C extends Command<infer Input> ? Input : never
