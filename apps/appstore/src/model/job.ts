import type { InstallId, JobId } from './id.ts'

/** What a job does; each has its steps in operations/. */
export type JobKind =
  | 'install'
  | 'start'
  | 'stop'
  | 'restart'
  | 'reconfigure'
  | 'resize'
  | 'upgrade'
  | 'uninstall'
  | 'reinstall'
  | 'adopt'
  | 'backup'

/** `undoing` follows a failure or a cancel; the last three are ends. */
export type JobState = 'queued' | 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled'

export const ended: readonly JobState[] = ['succeeded', 'failed', 'cancelled']

/** Why a job failed, as its error said it. */
export interface JobFailure {
  readonly code: string
  readonly message: string
  readonly advice?: string
  /** Step in which it failed. */
  readonly step?: string
  /** What the clean-up could not take back, and why; empty when nothing is left. */
  readonly left?: readonly string[]
}

/** One run of an operation. Input and facts hold no secret. */
export interface Job {
  readonly id: JobId
  readonly kind: JobKind
  readonly install: InstallId
  readonly state: JobState
  /** Who asked for it. */
  readonly principal: string
  readonly input: Readonly<Record<string, unknown>>
  /** What steps found out and later ones need, such as a UPID. */
  readonly facts: Readonly<Record<string, unknown>>
  /** Step that it is in, or ended in. */
  readonly step?: string
  readonly failure?: JobFailure
  /** Asked for, and not yet heeded. */
  readonly cancelRequested: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
}

/** What became of one step of a job. */
export interface StepRecord {
  readonly name: string
  readonly state: 'begun' | 'done' | 'undone'
  readonly beganAt: number
  readonly endedAt?: number
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What is told about a job while it runs. `seq` counts from 1 within the job. */
export interface JobEvent {
  readonly seq: number
  readonly at: number
  readonly kind: 'state' | 'step' | 'log' | 'progress' | 'output'
  readonly level?: LogLevel
  readonly text?: string
  readonly data?: Readonly<Record<string, unknown>>
}
