import type { Readable, Writable } from 'node:stream'
import type { Allowed } from '../decide/decision.ts'
import type { Terminal } from '../execute/options.ts'
import type { Policy } from '../policy/policy.ts'

/** How the program ended, as far as the transport can tell. */
export interface Exit {
  /** 0 to 255. */
  readonly exitCode?: number
  /** Name of the signal that ended it. */
  readonly signal?: NodeJS.Signals
  /** Set when the program never ran, or when its status did not arrive. */
  readonly fault?: Fault
  /** Why the other side ended it, where there is another side that keeps the time. */
  readonly interruption?: 'timedOut' | 'cancelled'
  /** False when the other side says that something may still be running. */
  readonly ended?: boolean
}

/** Why there is no exit status of the program. */
export type Fault =
  | { readonly kind: 'refused' }
  | { readonly kind: 'missing'; readonly program: string }
  | { readonly kind: 'no-privileges'; readonly text: string }
  | { readonly kind: 'lost'; readonly text: string }
  | { readonly kind: 'start'; readonly cause: unknown }
  /** It ended, but root could not record how. */
  | { readonly kind: 'unrecorded' }

/** What came of ending an operation. */
export interface Ending {
  /** Whether nothing of the operation is left. */
  readonly complete: boolean
  /** Number of processes that were ended. */
  readonly processes: number
}

/** An operation that is under way. Nothing says that its process is a child of ours. */
export interface Running {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles once, when the program has ended and its output is complete. Never rejects. */
  readonly exited: Promise<Exit>
  /** Ends everything that the operation started. May be called more than once. Never rejects. */
  end(): Promise<Ending>
  /** Set when the other side ends it in time; ours then is for the case that nothing is heard of it any more. */
  readonly keepsTime?: true
  /** What only the other side knows: the id under which it records, and the argv that it started. */
  readonly known?: { readonly operation: string; readonly argv: readonly string[] }
}

/** What a transport may need beside the request. */
export interface StartOptions {
  /** Ends the wait for content, and for the other side. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that the whole operation may take. */
  readonly timeout: number
  readonly terminal?: Terminal | undefined
  readonly stdin?: unknown
  readonly caller?: { readonly id?: string; readonly name?: string } | undefined
}

/** Turns an authorised request into a running program. */
export interface Transport {
  readonly name: string
  /** Set when starting may take time of its own, as waiting for another operation on the same object does. */
  readonly mayWait?: true
  /** Set when a program can have a terminal of its own. */
  readonly hasTerminals?: true
  /** Is told that an operation may come, so that it can make what that will need. */
  prepare?(): void
  /**
   * Starts the operation. Content to be pushed is taken from the values and staged first. Throws `PrivexecError` when
   * nothing was started.
   */
  start(request: Allowed, policy: Policy, options: StartOptions): Promise<Running>
}
