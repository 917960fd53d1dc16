import type { JobDoor, JobView, Who } from '../contract.ts'
import { AppstoreError } from '../errors/error.ts'
import type { JobEngine } from '../jobs/engine.ts'
import { type JobId, parseId } from '../model/id.ts'
import type { Job, JobEvent, StepRecord } from '../model/job.ts'
import type { Store } from '../store/store.ts'

/** Jobs, as the doors see them. */
export function jobDoor(store: Store, engine: JobEngine): JobDoor {
  const find = (id: string): Job => {
    const key = parseId<JobId>(id)
    const job = key === undefined ? undefined : store.jobs.get(key)
    if (job === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such job')
    return job
  }
  return {
    list: query => store.jobs.list(query),
    get: id => viewOf(find(id), store, engine),
    cancel: (id, { principal }: Who) => {
      const job = find(id)
      engine.events.add(job.id, { kind: 'log', level: 'info', text: `${principal} cancels` })
      engine.cancel(job.id)
      return find(id)
    },
    events: (id, after, limit) => engine.events.page(find(id).id, after, limit),
    follow: (id, after, follower) => engine.events.follow(find(id).id, after, follower),
    finished: (id, signal) => engine.finished(find(id).id, signal),
  }
}

/** A job with its steps, those that did not begin yet too as far as they were told. */
function viewOf(job: Job, store: Store, engine: JobEngine): JobView {
  const titles = titlesOf(engine.events.page(job.id, 0, 20_000))
  const steps = store.jobs
    .steps(job.id)
    .map((step: StepRecord) => ({ ...step, title: titles.get(step.name) ?? step.name }))
  return { ...job, steps }
}

/** Titles of steps, from what was told of them: the plan of a job that has ended cannot be made any more. */
function titlesOf(events: readonly JobEvent[]): ReadonlyMap<string, string> {
  return new Map(
    events
      .filter(({ kind }) => kind === 'step')
      .map(({ data, text }) => [String(data?.name), text ?? String(data?.name)] as const),
  )
}
