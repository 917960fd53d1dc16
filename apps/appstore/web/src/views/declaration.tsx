import { useState } from 'preact/hooks'
import { system } from '../api/routes.ts'
import type { DeclarationPlan } from '../api/types.ts'
import { go } from '../app/router.ts'
import { may } from '../app/session.ts'
import { TextField } from '../parts/fields.tsx'
import { Problem } from '../parts/problem.tsx'
import { Title } from '../parts/title.tsx'

const words = { install: 'Install', reconfigure: 'Reconfigure', same: 'As it is', unmanaged: 'Not declared' } as const

/** The state as text: written out, compared, and brought about. */
export function DeclarationPage() {
  const [text, setText] = useState('')
  const [plan, setPlan] = useState<DeclarationPlan>()
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    setBusy(false)
  }
  const write = () => run(async () => setText(JSON.stringify(await system.declaration(), null, 2)))
  const compare = () => run(async () => setPlan(await system.planDeclaration(JSON.parse(text))))
  const apply = () =>
    run(async () => {
      await system.applyDeclaration(JSON.parse(text), secrets)
      go('jobs')
    })
  return (
    <>
      <Title>Declaration</Title>
      <p>All installs as one text, without secrets. What is not declared stays as it is.</p>
      <label class="field">
        Declaration, JSON
        <textarea
          rows={14}
          spellcheck={false}
          value={text}
          onInput={event => {
            setText(event.currentTarget.value)
            setPlan(undefined)
          }}
        />
      </label>
      <p class="row">
        <button type="button" disabled={isBusy} onClick={write}>
          Write out what is there
        </button>
        <button type="button" disabled={isBusy || text === ''} onClick={compare}>
          See what would change
        </button>
      </p>
      <Problem error={error} />
      {plan && (
        <section class="panel" aria-labelledby="changes">
          <h2 id="changes">What would change</h2>
          <ul>
            {plan.changes.map(({ name, change, details }) => (
              <li key={name}>
                <strong>{name}</strong>: {words[change]}
                {details.length > 0 && `: ${details.join(', ')}`}
              </li>
            ))}
            {plan.changes.length === 0 && <li>Nothing.</li>}
          </ul>
          {plan.secretsNeeded.map(name => (
            <TextField
              key={name}
              label={name}
              type="password"
              complete="new-password"
              value={secrets[name]}
              onValue={value => setSecrets(({ [name]: _, ...rest }) => (value ? { ...rest, [name]: value } : rest))}
            />
          ))}
          {may('install') && (
            <button
              type="button"
              class="primary"
              disabled={isBusy || plan.secretsNeeded.some(name => !secrets[name])}
              onClick={apply}
            >
              Bring it about
            </button>
          )}
        </section>
      )}
    </>
  )
}
