import { useState } from 'preact/hooks'
import { installs, jobs } from '../api/routes.ts'
import { link } from '../app/router.ts'
import { duration, time } from '../parts/format.ts'
import { JobState, jobTitle } from '../parts/job-state.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Pager, type Pages } from '../parts/pager.tsx'
import { Title } from '../parts/title.tsx'

/** All jobs, newest first. */
export function Jobs() {
  const [pages, setPages] = useState<Pages>([undefined])
  const names = useLoad('installs', installs.list)
  const before = pages.at(-1)
  const found = useLoad(before ?? '', () => jobs.list(before === undefined ? {} : { before }), 5000)
  return (
    <>
      <Title>Jobs</Title>
      <Loading of={found}>
        {({ jobs: list, next }) => (
          <>
            {list.length === 0 && <p>Nothing was done yet.</p>}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
            <section class="scroll" tabIndex={0} aria-label="List of jobs">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Job</th>
                    <th scope="col">State</th>
                    <th scope="col">Began</th>
                    <th scope="col">Took</th>
                    <th scope="col">By</th>
                  </tr>
                </thead>
                <tbody>
                  {list.map(job => (
                    <tr key={job.id}>
                      <td>
                        <a href={link('jobs', job.id)}>{jobTitle(job, names.value?.installs)}</a>
                      </td>
                      <td>
                        <JobState state={job.state} />
                      </td>
                      <td>{time(job.createdAt)}</td>
                      <td>{job.endedAt && job.startedAt ? duration((job.endedAt - job.startedAt) / 1000) : '–'}</td>
                      <td>{job.principal}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            <Pager pages={pages} next={next} onPages={setPages} />
          </>
        )}
      </Loading>
    </>
  )
}
