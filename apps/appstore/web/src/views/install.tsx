import { installs, jobs } from '../api/routes.ts'
import { link } from '../app/router.ts'
import { may } from '../app/session.ts'
import { Actions } from '../parts/actions.tsx'
import { time } from '../parts/format.ts'
import { GuestLog } from '../parts/guest-log.tsx'
import { JobState, kindName } from '../parts/job-state.tsx'
import { LiveState, Usage } from '../parts/live.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Outputs } from '../parts/outputs.tsx'
import { OpenTerminal } from '../parts/terminal.tsx'
import { Title } from '../parts/title.tsx'

/** An install: how it is, what it tells, and what can be done with it. */
export function InstallPage({ id }: { id: string }) {
  const found = useLoad(id, () => installs.get(id), 3000)
  return (
    <Loading of={found}>
      {install => (
        <>
          <Title>{install.name}</Title>
          <p>
            <LiveState install={install} /> {install.apps.map(({ app, version }) => `${app} ${version}`).join(', ')}
            {install.vmid !== undefined && <span class="quiet"> · guest {install.vmid}</span>}
          </p>
          {install.job && (
            <p role="status">
              <a href={link('jobs', install.job)}>A job is under way</a>
            </p>
          )}
          <Outputs install={install} />
          <Actions install={install} />
          <section aria-labelledby="state">
            <h2 id="state">Guest</h2>
            <Usage live={install.live} />
            <dl class="facts">
              <dt>Addresses</dt>
              <dd>{install.live.addresses.join(', ') || '–'}</dd>
              <dt>Resources</dt>
              <dd>
                {install.resources.cores} {install.resources.cores === 1 ? 'core' : 'cores'}, {install.resources.memory}{' '}
                MiB, {install.resources.disk} GiB
              </dd>
              <dt>Network</dt>
              <dd>
                {install.network.bridge}, {install.network.ipv4}
              </dd>
              <dt>Template</dt>
              <dd>{install.template}</dd>
              <dt>Since</dt>
              <dd>{time(install.createdAt)}</dd>
            </dl>
            {install.volumes.length > 0 && (
              <ul>
                {install.volumes.map(({ app, name, path, size, storage }) => (
                  <li key={`${app}/${name}`}>
                    Volume {name}: <code>{path}</code>, {size} GiB on {storage}
                  </li>
                ))}
              </ul>
            )}
          </section>
          {install.live.state === 'running' && may('console') && <OpenTerminal id={install.id} />}
          {install.live.state === 'running' && <GuestLog id={install.id} />}
          <History id={install.id} busy={install.job} />
        </>
      )}
    </Loading>
  )
}

function History({ id, busy }: { id: string; busy: string | undefined }) {
  const found = useLoad(`${id} ${busy}`, () => jobs.list({ install: id, limit: 10 }))
  return (
    <section aria-labelledby="history">
      <h2 id="history">Jobs</h2>
      <Loading of={found}>
        {({ jobs: list }) => (
          <ul>
            {list.map(job => (
              <li key={job.id}>
                <a href={link('jobs', job.id)}>{kindName(job.kind)}</a> <JobState state={job.state} />{' '}
                {time(job.createdAt)}
              </li>
            ))}
          </ul>
        )}
      </Loading>
    </section>
  )
}
