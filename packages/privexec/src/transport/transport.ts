import type { Readable, Writable } from 'node:stream'
import type { Allowed } from '../decide/decision.ts'
import type { Policy } from '../policy/policy.ts'

/** How the program ended, as far as the transport can tell. */
export interface Exit {
  /** 0 to 255. */
  readonly exitCode?: number
  /** Name of the signal that ended it. */
  readonly signal?: NodeJS.Signals
  /** Set when the program never ran, or when its status did not arrive. */
  readonly fault?: Fault
}

/** Why there is no exit status of the program. */
export type Fault =
  | { readonly kind: 'refused' }
  | { readonly kind: 'missing'; readonly program: string }
  | { readonly kind: 'no-privileges'; readonly text: string }
  | { readonly kind: 'lost'; readonly text: string }
  | { readonly kind: 'start'; readonly cause: unknown }

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
}

/** Turns an authorised request into a running program. */
export interface Transport {
  readonly name: string
  /**
   * Starts the operation. Content to be pushed is taken from the values and staged first. Throws `PrivexecError` when
   * nothing was started. `signal` ends the wait for content.
   */
  start(request: Allowed, policy: Policy, signal?: AbortSignal): Promise<Running>
}
