import { useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'
import type { InstallView } from '../api/types.ts'
import { may } from '../app/session.ts'
import { webLink } from './format.ts'
import { Problem } from './problem.tsx'

/** What the apps tell about themselves, and the secrets that the store keeps for them. */
export function Outputs({ install }: { install: InstallView }) {
  const told = install.apps.flatMap(({ app, outputs }) =>
    outputs.flatMap(({ key, label, value }) => (value === undefined ? [] : [{ id: `${app}/${key}`, label, value }])),
  )
  const labels = new Map<string, string>(
    install.apps.flatMap(({ app, outputs }) => outputs.map(({ key, label }) => [`${app}/${key}`, label] as const)),
  )
  /** An input has no label here; its key says enough, and its app where there are several. */
  const nameOf = (id: string): string => labels.get(id) ?? (install.apps.length > 1 ? id : id.replace(/^.*\//, ''))
  if (told.length === 0 && install.secrets.length === 0) return null
  return (
    <section aria-labelledby="outputs">
      <h2 id="outputs">How to reach it</h2>
      <dl class="facts">
        {told.map(({ id, label, value }) => (
          <div key={id}>
            <dt>{label}</dt>
            <dd>
              <Value text={value} />
            </dd>
          </div>
        ))}
        {may('install') &&
          install.secrets.map(id => (
            <div key={id}>
              <dt>{nameOf(id)}</dt>
              <dd>
                <Secret install={install.id} id={id} label={nameOf(id)} />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  )
}

/** A link when it is one of the web; everything else is text. */
function Value({ text }: { text: string }) {
  const href = webLink(text)
  return href === undefined ? (
    <span>{text}</span>
  ) : (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  )
}

function Secret({ install, id, label }: { install: string; id: string; label: string }) {
  const [value, setValue] = useState<string>()
  const [error, setError] = useState<unknown>()
  const show = (): void => {
    const [app = '', key = ''] = id.split('/', 2)
    setError(undefined)
    installs.secret(install, app, key).then(answer => setValue(answer.value), setError)
  }
  return (
    <>
      {value === undefined ? <span aria-hidden="true">•••••• </span> : <code>{value} </code>}
      <button
        type="button"
        aria-label={`${value === undefined ? 'Show' : 'Hide'} ${label}`}
        onClick={value === undefined ? show : () => setValue(undefined)}
      >
        {value === undefined ? 'Show' : 'Hide'}
      </button>
      <Problem error={error} />
    </>
  )
}
