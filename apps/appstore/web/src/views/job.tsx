import { useEffect, useRef, useState } from 'preact/hooks'
import { installs, jobs } from '../api/routes.ts'
import type { JobEvent, JobView } from '../api/types.ts'
import { tell } from '../app/notice.ts'
import { link } from '../app/router.ts'
import { may } from '../app/session.ts'
import { time } from '../parts/format.ts'
import { JobLog } from '../parts/job-log.tsx'
import { JobState, jobTitle } from '../parts/job-state.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Problem } from '../parts/problem.tsx'
import { Title } from '../parts/title.tsx'

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled']
const kinds: readonly JobEvent['kind'][] = ['state', 'step', 'log', 'progress', 'output']
/** Events that are kept on the page; earlier ones are dropped. */
const mostEvents = 5000

/** A job while it runs, and afterwards. */
export function JobPage({ id }: { id: string }) {
  const job = useLoad(id, () => jobs.get(id))
  const names = useLoad('installs', installs.list)
  const [events, setEvents] = useState<readonly JobEvent[]>([])
  const [error, setError] = useState<unknown>()
  // Whoever opens a job of long ago is told nothing that the page does not say.
  const wasOpen = useRef(false)
  if (job.value !== undefined && !ends.includes(job.value.state)) wasOpen.current = true
  useEffect(() => {
    const stream = new EventSource(jobs.eventsUrl(id))
    const take = ({ data, lastEventId }: MessageEvent<string>): void => {
      const event = { seq: Number(lastEventId), ...(JSON.parse(data) as object) } as JobEvent
      setEvents(before => [...before.slice(-mostEvents), event])
      if (event.kind !== 'state' && event.kind !== 'step') return
      job.reload()
      const state = event.kind === 'state' ? String(event.data?.state) : ''
      if (ends.includes(state)) {
        stream.close()
        if (wasOpen.current) tell(`The job ${state}`)
      }
    }
    for (const kind of kinds) stream.addEventListener(kind, take)
    return () => stream.close()
  }, [id, job.reload])
  return (
    <Loading of={job}>
      {found => (
        <>
          <Title>{jobTitle(found, names.value?.installs)}</Title>
          <p>
            <JobState state={found.state} /> asked for by {found.principal}, {time(found.createdAt)}.{' '}
            {found.kind !== 'uninstall' && <a href={link('installs', found.install)}>The install</a>}
          </p>
          {found.failure && <Failure failure={found.failure} />}
          {!ends.includes(found.state) && may('operate') && (
            <button
              type="button"
              disabled={found.cancelRequested}
              onClick={() => jobs.cancel(id).then(job.reload, setError)}
            >
              {found.cancelRequested ? 'Being cancelled…' : 'Cancel'}
            </button>
          )}
          <Problem error={error} />
          <Steps job={found} />
          <JobLog events={events} isOver={ends.includes(found.state)} />
        </>
      )}
    </Loading>
  )
}

function Steps({ job }: { job: JobView }) {
  const marks = { begun: 'under way', done: 'done', undone: 'taken back' } as const
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol class="steps">
        {job.steps.map(({ name, title, state }) => (
          <li key={name} class={state}>
            {title} <span class="quiet">{marks[state]}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Failure({ failure }: { failure: NonNullable<JobView['failure']> }) {
  return (
    <div class="problem">
      <p>
        <strong>{failure.message}</strong>
      </p>
      {failure.advice && <p>{failure.advice}</p>}
      {failure.left && failure.left.length > 0 && (
        <>
          <p>What could not be taken back:</p>
          <ul>
            {failure.left.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <p class="quiet">{failure.code}</p>
    </div>
  )
}
