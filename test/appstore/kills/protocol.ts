import type { Job } from '../../../apps/appstore/src/model/job.ts'
import type { Action } from '../../../apps/appstore/src/operations/toolbox.ts'

/** What a store that may be killed is told. `n` numbers what is answered. */
export type Order =
  | { readonly n: number; readonly order: 'open'; readonly open: Opening }
  | { readonly n: number; readonly order: 'do'; readonly door: string; readonly args: readonly unknown[] }
  | { readonly n: number; readonly order: 'arm'; readonly before: number }
  | { readonly n: number; readonly order: 'wait' }
  | { readonly n: number; readonly order: 'close' }
  | { readonly n: number; readonly order: 'ran'; readonly failure?: string }

/** Where a store finds its surroundings. */
export interface Opening {
  readonly url: string
  readonly fingerprint: string
  readonly token: { readonly id: string; readonly secret: string }
  /** Text of the configuration. */
  readonly config: string
  readonly range: { readonly from: number; readonly to: number }
}

/** A run of an app's script, which the test does instead. */
export interface Run {
  readonly vmid: number
  readonly action: Action
  readonly version: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** What a store that may be killed says: an answer, or that a script is to be run. */
export type Word =
  | { readonly n: number; readonly value?: unknown; readonly error?: string }
  | { readonly n: number; readonly run: Run }

/** The answer to `wait`: all jobs, newest first, and the durable writes since `arm`, in words. */
export interface Ended {
  readonly jobs: readonly Job[]
  readonly writes: readonly string[]
}
