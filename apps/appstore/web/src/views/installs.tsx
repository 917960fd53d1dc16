import { installs } from '../api/routes.ts'
import { link } from '../app/router.ts'
import { LiveState, Usage } from '../parts/live.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Title } from '../parts/title.tsx'

/** All installs, and how their guests are now. */
export function Installs() {
  const found = useLoad('installs', installs.list, 5000)
  return (
    <>
      <Title>Installed</Title>
      <Loading of={found}>
        {({ installs: list }) => (
          <>
            {list.length === 0 && (
              <p>
                Nothing is installed yet. See the <a href={link('apps')}>catalog</a>.
              </p>
            )}
            <ul class="cards">
              {list.map(install => (
                <li key={install.id} class="panel">
                  <h2>
                    <a href={link('installs', install.id)}>{install.name}</a>
                  </h2>
                  <p>
                    <LiveState install={install} />{' '}
                    {install.apps.map(({ app, version }) => `${app} ${version}`).join(', ')}
                  </p>
                  {install.upgrades.length > 0 && (
                    <p>
                      <span class="badge notice">Upgrade</span>{' '}
                      {install.upgrades.map(({ app, to }) => `${app} ${to}`).join(', ')}
                    </p>
                  )}
                  {install.job && (
                    <p>
                      <a href={link('jobs', install.job)}>A job is under way</a>
                    </p>
                  )}
                  <Usage live={install.live} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Loading>
    </>
  )
}
