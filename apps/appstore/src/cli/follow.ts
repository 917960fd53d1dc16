import { AppstoreError } from '../errors/error.ts'
import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import type { Job, JobEvent } from '../model/job.ts'
import type { Client } from './client.ts'
import { note, shown } from './output.ts'
import type { Answer, Common } from './verb.ts'

/** Options of verbs that queue a job. */
export interface JobArgs {
  readonly wait: boolean
}

/** Waits for a job and tells of it meanwhile, unless `--no-wait` was given. Rejects with why it did not succeed. */
export async function followJob(client: Client, job: Job, args: JobArgs & Common): Promise<Answer> {
  if (!args.wait) return { data: { job }, text: job.id }
  const after = await follow(client, job, args)
  const failure = failureOf(after)
  if (failure !== undefined) throw failure
  return { data: { job: after }, text: '' }
}

/** The same for several, each to its end. Rejects with why the first did not succeed, and says how many did not. */
export async function followJobs(
  client: Client,
  jobs: readonly Job[],
  args: JobArgs & Common,
): Promise<readonly Job[]> {
  if (!args.wait) return jobs
  const after: Job[] = []
  const failures: AppstoreError[] = []
  for (const job of jobs) {
    const ended = await follow(client, job, args)
    after.push(ended)
    const failure = failureOf(ended)
    if (failure === undefined) continue
    failures.push(failure)
    note(`${job.kind} ${job.id}: ${failure.message}`)
  }
  const [first] = failures
  if (first === undefined) return after
  if (jobs.length === 1) throw first
  const message = `${failures.length} of ${jobs.length} jobs failed, the first with: ${first.message}`
  throw new AppstoreError(first.code, message, {
    cause: first,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  })
}

/** Waits for the end of a job. Rejects where that cannot be seen, or an interrupt ends the waiting; the job goes on then. */
async function follow(client: Client, job: Job, args: Common): Promise<Job> {
  const isTold = !args.quiet && !args.json
  const cancel = new AbortController()
  const onSignal = (): void => cancel.abort()
  process.once('SIGINT', onSignal)
  try {
    await client.events(
      `/jobs/${job.id}/events`,
      (_, data) => isTold && tell(JSON.parse(data) as JobEvent),
      cancel.signal,
    )
  } catch (error) {
    if (!cancel.signal.aborted) throw error
    note(`The job goes on. To see it: appstore job ${job.id}. To end it: appstore cancel ${job.id}`)
    throw new AppstoreError('APPSTORE_CANCELLED', 'Nobody waits for the job any more')
  } finally {
    process.off('SIGINT', onSignal)
  }
  return client.get<Job>(`/jobs/${job.id}`)
}

/** Why a job did not succeed; undefined where it did. */
function failureOf({ state, failure }: Job): AppstoreError | undefined {
  if (state === 'succeeded') return undefined
  if (failure === undefined || !Object.hasOwn(errorRegistry, failure.code)) {
    return new AppstoreError('APPSTORE_INTERNAL', `The job is ${state}`)
  }
  const left = failure.left?.length ? `; not taken back: ${failure.left.join('; ')}` : ''
  return new AppstoreError(
    failure.code as ErrorCode,
    `${failure.message}${left}`,
    failure.advice === undefined ? {} : { hint: failure.advice },
  )
}

function tell({ kind, level, text = '', data }: JobEvent): void {
  if (kind === 'step' && data?.state === 'begun') note(`• ${text}`)
  else if (kind === 'step' && data?.state === 'undone') note(`  taken back: ${text}`)
  else if (kind === 'log' && level !== 'debug') note(`  ${shown(text, 500)}`)
  else if (kind === 'progress' && text !== '') note(`  ${shown(text, 200)}`)
}
