import type { Job, LogLevel } from '../model/job.ts'

/** What a step has to work with. */
export interface StepContext {
  readonly job: Job
  /** What earlier steps found out, also before a restart. */
  readonly facts: Readonly<Record<string, unknown>>
  /** Adds facts; they are on the disk when the call returns. */
  save(facts: Readonly<Record<string, unknown>>): void
  /**
   * Given when the job is to end: somebody cancelled it, or the daemon stops. While a step is taken back, or seen through,
   * only the stop of the daemon gives it.
   */
  readonly signal: AbortSignal
  log(level: LogLevel, text: string): void
  /** How much of this step is done, 0 to 1. */
  progress(share: number, text?: string): void
  output(key: string, value: unknown): void
}

/**
 * One step of a job. It may be killed at any moment and is then run again, so it looks at what is there before it makes
 * anything; so does taking it back.
 */
export interface Step {
  readonly name: string
  /** For people: `Create the guest`. */
  readonly title: string
  run(context: StepContext): Promise<void>
  /** Takes back what was done, wholly or in part or not at all. */
  undo?(context: StepContext): Promise<void>
  /** Once this step has begun the job is only seen through: taking back would lose what must not be lost. */
  readonly final?: boolean
}

/** What a job is made of. Made anew for every run, also after a restart, from the job's own input. */
export interface JobPlan {
  readonly steps: readonly Step[]
  /** Values to hide in all that is told about the job. */
  readonly secrets?: Iterable<string>
  /** Runs in the same change of the database in which the job ends. It must not wait for anything. */
  ended?(outcome: 'succeeded' | 'failed' | 'cancelled', context: Pick<StepContext, 'facts'>): void
}

/** Gives the plan of a job, by its kind. */
export type Planner = (job: Job) => JobPlan | Promise<JobPlan>
