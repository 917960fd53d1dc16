import { catalog } from '../api/routes.ts'
import { place } from '../app/router.ts'
import { may } from '../app/session.ts'
import { ConsentList } from '../parts/consent.tsx'
import { webLink } from '../parts/format.ts'
import { InstallForm } from '../parts/install-form.tsx'
import { Loading, useLoad } from '../parts/load.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Title } from '../parts/title.tsx'

/** An app of the catalog: what it is, what it asks for, and how it is installed. */
export function AppPage({ id }: { id: string }) {
  const source = place.value.query.get('source') ?? undefined
  const app = useLoad(`${id} ${source}`, () => catalog.app(id, source))
  return (
    <Loading of={app}>
      {detail => {
        const homepage = webLink(detail.homepage ?? '')
        return (
          <>
            <Title>{detail.name}</Title>
            <p>{detail.description}</p>
            <dl class="facts">
              <dt>Version</dt>
              <dd>{detail.version}</dd>
              <dt>Source</dt>
              <dd>
                {detail.source} <code title={detail.commit}>{detail.commit.slice(0, 10)}</code>
              </dd>
              {detail.license && <dt>License</dt>}
              {detail.license && <dd>{detail.license}</dd>}
              {detail.maintainers.length > 0 && <dt>Maintainers</dt>}
              {detail.maintainers.length > 0 && <dd>{detail.maintainers.join(', ')}</dd>}
              {homepage && <dt>Home page</dt>}
              {homepage && (
                <dd>
                  <a href={homepage} target="_blank" rel="noopener noreferrer">
                    {homepage}
                  </a>
                </dd>
              )}
            </dl>
            <Markdown text={detail.overview} />
            <section aria-labelledby="consent">
              <h2 id="consent">What it asks for</h2>
              <ConsentList consent={detail.consent} />
            </section>
            <section aria-labelledby="install">
              <h2 id="install">Install</h2>
              {may('install') ? <InstallForm apps={[detail]} /> : <p>This account may not install.</p>}
            </section>
            {detail.readme && (
              <details>
                <summary>Read more: the text of its author</summary>
                <Markdown text={detail.readme} />
              </details>
            )}
          </>
        )
      }}
    </Loading>
  )
}
