import { useState } from 'preact/hooks'
import { catalog } from '../api/routes.ts'
import type { SourceStatus } from '../api/types.ts'
import { tell } from '../app/notice.ts'
import { may } from '../app/session.ts'
import { time } from '../parts/format.ts'
import { Loading, useLoad } from '../parts/load.tsx'
import { Problem } from '../parts/problem.tsx'
import { Title } from '../parts/title.tsx'

/** Where the apps come from. What is new is used only when somebody has seen and accepted it. */
export function Sources() {
  const found = useLoad('sources', catalog.sources)
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const run = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true)
    setError(undefined)
    await work().then(() => tell(done), setError)
    setBusy(false)
    found.reload()
  }
  return (
    <>
      <Title>Sources</Title>
      {may('install') && (
        <p>
          <button type="button" disabled={isBusy} onClick={() => run(catalog.check, 'All sources were checked')}>
            Fetch what is new
          </button>
        </p>
      )}
      <Problem error={error} />
      <Loading of={found}>
        {({ sources }) =>
          sources.map(source => (
            <section key={source.name} class="panel" aria-label={source.name}>
              <h2>{source.name}</h2>
              <dl class="facts">
                <dt>Address</dt>
                <dd>{source.url}</dd>
                <dt>Apps</dt>
                <dd>{source.apps}</dd>
                <dt>Commit in use</dt>
                <dd>
                  <code>{source.commit?.slice(0, 12) || '–'}</code>
                </dd>
                <dt>Checked</dt>
                <dd>{source.checkedAt ? time(source.checkedAt) : 'never'}</dd>
              </dl>
              {source.error && <p class="problem">{source.error}</p>}
              {source.apps === 0 && !source.commit && !source.offered && (
                <p>Nothing of it is used yet: fetch what is new, and look at what it brings.</p>
              )}
              {source.problems.length > 0 && (
                <details>
                  <summary>
                    {source.problems.length} {source.problems.length === 1 ? 'problem' : 'problems'} in its files
                  </summary>
                  <ul>
                    {source.problems.map(({ file, line, field, message }) => (
                      <li key={`${file} ${line} ${field} ${message}`}>
                        {file && <code>{[file, line].filter(Boolean).join(':')} </code>}
                        {field} {message}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
              {source.offered && (
                <Offer
                  offered={source.offered}
                  onAccept={commit =>
                    run(() => catalog.accept(source.name, commit), `${source.name} uses ${commit.slice(0, 12)}`)
                  }
                />
              )}
            </section>
          ))
        }
      </Loading>
    </>
  )
}

interface OfferProps {
  readonly offered: NonNullable<SourceStatus['offered']>
  readonly onAccept: (commit: string) => void
}

function Offer({ offered: { commit, added, removed, changed }, onAccept }: OfferProps) {
  return (
    <>
      <h3>
        Offered: <code>{commit.slice(0, 12)}</code>
      </h3>
      <ul>
        {added.map(app => (
          <li key={`+${app}`}>New: {app}</li>
        ))}
        {removed.map(app => (
          <li key={`-${app}`}>Removed: {app}</li>
        ))}
        {changed.map(({ app, from, to, consentChanged }) => (
          <li key={app}>
            {app}: {from} becomes {to}
            {consentChanged && <strong>, and asks for something else</strong>}
          </li>
        ))}
      </ul>
      {may('admin') && (
        <button type="button" class="primary" onClick={() => onAccept(commit)}>
          Use it
        </button>
      )}
    </>
  )
}
