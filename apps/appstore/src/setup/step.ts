import type { Call } from '@broker/proxmox'

/** A file that a command reads, in the place of its path. Written where only root may read, and removed afterwards. */
export interface Content {
  readonly name: string
  readonly text: string
}

/** One program and its arguments; no shell reads them. */
export type Argv = readonly (string | Content)[]

/** One thing that is done. */
export type Change =
  | { readonly kind: 'api'; readonly call: Call<unknown> }
  | { readonly kind: 'run'; readonly argv: Argv }
  /** Makes a token; its secret goes into a file of root's and the daemon's, and nowhere else. */
  | { readonly kind: 'token'; readonly call: Call<unknown>; readonly id: string; readonly path: string }

/** One thing that must be so on the node or the machine. */
export interface Step {
  /** What is made so: `the pool appstore`. */
  readonly title: string
  readonly why: string
  /** How, from what there was when it was planned. */
  readonly changes: readonly Change[]
  /** Asks the node or the machine. */
  readonly isDone: () => Promise<boolean>
  /** It is so now, and will not be when the steps before it are done. */
  readonly isUndoneBefore?: boolean
}

/** A step, and whether it was done when it was planned. */
export interface Planned extends Step {
  readonly wasDone: boolean
}

/** A step as it is shown; changes are the lines of the script. */
export interface StepView {
  readonly title: string
  readonly why: string
  readonly done: boolean
  readonly changes: readonly string[]
}

export const api = (call: Call<unknown>): Change => ({ kind: 'api', call })
export const run = (...argv: Argv): Change => ({ kind: 'run', argv })

/** Looks at each step, in order. */
export async function planned(steps: readonly Step[]): Promise<Planned[]> {
  const all: Planned[] = []
  for (const step of steps) all.push({ ...step, wasDone: step.isUndoneBefore !== true && (await step.isDone()) })
  return all
}
