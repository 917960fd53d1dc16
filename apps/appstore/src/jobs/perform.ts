import { setTimeout as wait } from 'node:timers/promises'
import { AppstoreError } from '../errors/error.ts'
import type { JobFailure, JobState } from '../model/job.ts'
import type { Store } from '../store/store.ts'
import type { JobContext } from './context.ts'
import type { JobPlan, Step } from './definition.ts'
import { failureOf } from './failure.ts'
import { eitherOf } from './signals.ts'

/** Waits between attempts to take a step back, in milliseconds: while Proxmox restarts, say. */
const undoAfter = [0, 1000, 4000, 15_000, 60_000]

/** Waits between attempts of a step that is only seen through, in milliseconds, and the errors that may pass. */
const finalAfter = [1000, 4000]
/** Errors that another attempt of an undo would only meet again. */
const hopeless: readonly string[] = [
  'APPSTORE_FOREIGN',
  'APPSTORE_PROTECTED',
  'APPSTORE_WRONG_STATE',
  'APPSTORE_TASK_STUCK',
]
const passing: readonly string[] = ['APPSTORE_PROXMOX_UNAVAILABLE', 'APPSTORE_TIMED_OUT', 'APPSTORE_PROXMOX_FAILED']

type Outcome = Extract<JobState, 'succeeded' | 'failed' | 'cancelled'>

/** Why a run ends early: `cancel` takes back what was begun, `stop` leaves it for the next start of the daemon. */
export interface RunSignals {
  readonly cancel: AbortSignal
  readonly stop: AbortSignal
}

/**
 * Runs a job from where it is to its end: the steps that are not done, or the taking back. Gives back its end, or
 * undefined when the daemon stops: then the job stays as it is, and the next start goes on with it.
 */
export async function perform(
  plan: JobPlan,
  context: JobContext,
  store: Store,
  { cancel, stop }: RunSignals,
): Promise<Outcome | undefined> {
  const { job } = context
  if (job.state === 'undoing') return takeBack(plan, context, store, stop, job.failure)
  setState(context, store, 'running')
  const either = context.with(eitherOf(cancel, stop))
  const seenThrough = context.with(stop)
  let isFinal = wasFinal(plan, store, context)
  for (const step of remaining(plan, store, context)) {
    isFinal ||= step.final === true
    const stepContext = isFinal ? seenThrough : either
    try {
      if (stepContext.signal.aborted) throw stepContext.signal.reason
      store.jobs.beginStep(job.id, step.name)
      context.tell({ kind: 'step', text: step.title, data: { name: step.name, state: 'begun' } })
      await (isFinal ? seeThrough(step, stepContext, stop) : step.run(stepContext))
      store.jobs.endStep(job.id, step.name, 'done')
      context.tell({ kind: 'step', text: step.title, data: { name: step.name, state: 'done' } })
    } catch (thrown) {
      if (stop.aborted) return undefined
      const error = stepContext.signal.aborted ? cancelled(thrown) : thrown
      const failure = failureOf(error, text => context.hide(text), step.name)
      context.tell({ kind: 'log', level: 'error', text: failure.message })
      const left = [`${step.title}: ${failure.message}`]
      return isFinal
        ? end(plan, context, store, 'failed', { ...failure, left })
        : takeBack(plan, context, store, stop, failure)
    }
  }
  return end(plan, context, store, 'succeeded')
}

/** Runs a step that cannot be taken back; what may have been lost on the way to Proxmox is tried again. */
async function seeThrough(step: Step, context: JobContext, stop: AbortSignal): Promise<void> {
  for (const delay of finalAfter) {
    try {
      return await step.run(context)
    } catch (error) {
      const { code, message } = failureOf(error, text => context.hide(text))
      if (!passing.includes(code)) throw error
      context.log('warn', `"${step.title}" failed, and is tried again: ${message}`)
      await wait(delay, undefined, { signal: stop })
    }
  }
  await step.run(context)
}

/** Takes back, last step first, what was begun. What cannot be taken back is named in the failure. */
async function takeBack(
  plan: JobPlan,
  context: JobContext,
  store: Store,
  stop: AbortSignal,
  failure: JobFailure | undefined,
): Promise<Outcome | undefined> {
  setState(context, store, 'undoing', failure)
  const begun = new Map(store.jobs.steps(context.job.id).map(({ name, state }) => [name, state]))
  const uncancelled = context.with(stop)
  const left: string[] = []
  for (const step of plan.steps.toReversed()) {
    const state = begun.get(step.name)
    if (state === undefined || state === 'undone') continue
    const problem = step.undo === undefined ? undefined : await tryUndo(step, uncancelled, stop)
    if (problem === 'stopping') return undefined
    if (problem === undefined) {
      store.jobs.endStep(context.job.id, step.name, 'undone')
      if (step.undo !== undefined)
        context.tell({ kind: 'step', text: step.title, data: { name: step.name, state: 'undone' } })
    } else left.push(`${step.title}: ${problem}`)
  }
  const outcome = failure?.code === 'APPSTORE_CANCELLED' && left.length === 0 ? 'cancelled' : 'failed'
  return end(plan, context, store, outcome, failure === undefined ? undefined : { ...failure, left })
}

/** Nothing when it was taken back, the words of the last error when it was not. */
async function tryUndo(step: Step, context: JobContext, stop: AbortSignal): Promise<string | undefined | 'stopping'> {
  let problem = ''
  for (const delay of undoAfter) {
    try {
      await wait(delay, undefined, { signal: stop })
    } catch {
      return 'stopping'
    }
    try {
      await step.undo?.(context)
      return undefined
    } catch (error) {
      if (stop.aborted) return 'stopping'
      const { code, message } = failureOf(error, text => context.hide(text))
      problem = message
      context.log('warn', `Taking back "${step.title}" failed: ${message}`)
      if (hopeless.includes(code)) break
    }
  }
  return problem
}

function end(plan: JobPlan, context: JobContext, store: Store, outcome: Outcome, failure?: JobFailure): Outcome {
  store.transaction(() => {
    store.jobs.setState(context.job.id, outcome, failure)
    plan.ended?.(outcome, context)
  })
  context.tell({ kind: 'state', data: { state: outcome, ...(failure === undefined ? {} : { failure }) } })
  return outcome
}

function setState(context: JobContext, store: Store, state: 'running' | 'undoing', failure?: JobFailure): void {
  store.jobs.setState(context.job.id, state, failure)
  context.tell({ kind: 'state', data: { state } })
}

function remaining(plan: JobPlan, store: Store, { job }: JobContext): readonly Step[] {
  const done = new Set(store.jobs.steps(job.id).flatMap(({ name, state }) => (state === 'done' ? [name] : [])))
  return plan.steps.filter(({ name }) => !done.has(name))
}

function wasFinal(plan: JobPlan, store: Store, { job }: JobContext): boolean {
  const begun = new Set(store.jobs.steps(job.id).map(({ name }) => name))
  return plan.steps.some(({ name, final }) => final === true && begun.has(name))
}

const cancelled = (cause: unknown): AppstoreError =>
  new AppstoreError('APPSTORE_CANCELLED', 'The job was cancelled', { cause })
