import { useState } from 'preact/hooks'
import { access } from '../api/routes.ts'
import { me } from '../app/session.ts'
import { TextField } from './fields.tsx'
import { SmallForm } from './form.tsx'
import { time } from './format.ts'
import { Loading, useLoad } from './load.tsx'

/** Tokens of the API; the text of a new one is shown once. */
export function TokenList() {
  const found = useLoad('tokens', access.tokens)
  const [label, setLabel] = useState<string>()
  const [scopes, setScopes] = useState<readonly string[]>(['read'])
  const [made, setMade] = useState<string>()
  const make = async (): Promise<void> => {
    setMade((await access.makeToken(label ?? '', scopes)).text)
    setLabel(undefined)
    found.reload()
  }
  return (
    <section class="panel" aria-label="Tokens">
      <h2>Tokens</h2>
      <Loading of={found}>
        {({ tokens }) => (
          <ul class="entries">
            {tokens.map(({ id, account, label: name, scopes: allowed, usedAt }) => (
              <li key={id}>
                <span>
                  {name} of {account}: {allowed.join(', ')}{' '}
                  <span class="quiet">{usedAt ? `used ${time(usedAt)}` : 'never used'}</span>
                </span>
                <button
                  type="button"
                  aria-label={`Remove the token ${name}`}
                  onClick={() => access.removeToken(id).finally(found.reload)}
                >
                  Remove
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loading>
      <SmallForm title="A new token" action="Make the token" onSubmit={make}>
        <TextField label="Label" required value={label} onValue={setLabel} />
        <fieldset>
          <legend>May</legend>
          {me.value?.scopes.map(scope => (
            <label key={scope} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={event =>
                  setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter(one => one !== scope))
                }
              />
              {scope}
            </label>
          ))}
        </fieldset>
      </SmallForm>
      {made && (
        <p role="status">
          It is shown only now: <code>{made}</code>
        </p>
      )}
    </section>
  )
}
