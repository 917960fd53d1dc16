import { catalog } from '../api/routes.ts'
import { link } from '../app/router.ts'
import { may } from '../app/session.ts'
import { ConsentList } from '../parts/consent.tsx'
import { InstallForm } from '../parts/install-form.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Title } from '../parts/title.tsx'

/** Stacks that the catalog offers: several apps for one guest. */
export function Stacks() {
  const found = useLoad('stacks', catalog.stacks)
  return (
    <>
      <Title>Stacks</Title>
      <p>Several apps in one guest.</p>
      <Loading of={found}>
        {({ stacks }) => (
          <ul class="cards">
            {stacks.map(({ id, name, description, apps }) => (
              <li key={id} class="panel">
                <h2>
                  <a href={link('stacks', id)}>{name}</a>
                </h2>
                <p>{description}</p>
                <p class="quiet">{apps.join(', ')}</p>
              </li>
            ))}
            {stacks.length === 0 && <li>The catalog has none.</li>}
          </ul>
        )}
      </Loading>
    </>
  )
}

/** One stack, with the forms of its apps. */
export function StackPage({ id }: { id: string }) {
  const found = useLoad(id, async () => {
    const { stacks } = await catalog.stacks()
    const stack = stacks.find(one => one.id === id)
    if (stack === undefined) throw new Error('There is no such stack')
    const [apps, consent] = await Promise.all([
      Promise.all(stack.apps.map(app => catalog.app(app))),
      catalog.consent(stack.apps.map(app => ({ app }))),
    ])
    return { stack, apps, consent }
  })
  return (
    <Loading of={found}>
      {({ stack, apps, consent }) => (
        <>
          <Title>{stack.name}</Title>
          <p>{stack.description}</p>
          <ul>
            {apps.map(app => (
              <li key={app.id}>
                <a href={link('apps', app.id)}>{app.name}</a> {app.version}
              </li>
            ))}
          </ul>
          <h2>What it asks for</h2>
          <ConsentList consent={consent} />
          <h2>Install</h2>
          {may('install') ? <InstallForm apps={apps} stack={stack} /> : <p>This account may not install.</p>}
        </>
      )}
    </Loading>
  )
}
