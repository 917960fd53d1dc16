import { useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'
import type { AppDetail, InstallRequest, Plan } from '../api/types.ts'
import { go } from '../app/router.ts'
import { Advanced, type Wanted, wantedRequest } from './advanced.tsx'
import { AppInputs } from './app-inputs.tsx'
import { defaultsOf, sentValues, type Values } from './inputs.ts'
import { PlanView } from './plan.tsx'
import { Problem } from './problem.tsx'

const nothingWanted: Wanted = { resources: {}, network: {}, volumes: {} }

/** The form of an install: inputs, then all that it would do, then consent. */
export function InstallForm({ apps }: { apps: readonly AppDetail[] }) {
  const [name, setName] = useState('')
  const [values, setValues] = useState<Readonly<Record<string, Values>>>(() =>
    Object.fromEntries(apps.map(({ id, inputs }) => [id, defaultsOf(inputs)])),
  )
  const [wanted, setWanted] = useState(nothingWanted)
  const [planned, setPlanned] = useState<{ plan: Plan; request: InstallRequest }>()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const [key] = useState(() => crypto.randomUUID())

  const change = (): void => setPlanned(undefined)
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    setBusy(false)
  }
  const review = (event: Event): void => {
    event.preventDefault()
    const request: InstallRequest = {
      ...(name && { name }),
      apps: apps.map(({ id, source, inputs }) => ({ app: id, source, inputs: sentValues(inputs, values[id] ?? {}) })),
      ...wantedRequest(wanted),
    }
    void run(async () => setPlanned({ plan: await installs.plan(request), request }))
  }
  const install = (hash: string): Promise<void> =>
    run(async () => {
      if (planned === undefined) return
      const { id } = await installs.install({ ...planned.request, name: planned.plan.name, consent: hash }, key)
      go('jobs', id)
    })
  return (
    <>
      <form onSubmit={review} onInput={change} onChange={change} class="panel">
        <label class="field">
          Name
          <input
            value={name}
            maxLength={63}
            pattern="[a-z]([a-z0-9\-]*[a-z0-9])?"
            title="Small letters, digits and hyphens, beginning with a letter"
            placeholder={apps[0]?.id}
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        {apps.map(({ id, name: title, inputs }) => (
          <AppInputs
            key={id}
            app={id}
            title={apps.length > 1 ? title : undefined}
            fields={inputs}
            values={values[id] ?? {}}
            error={error}
            onValues={next => {
              change()
              setValues(before => ({ ...before, [id]: next }))
            }}
          />
        ))}
        <Advanced apps={apps} wanted={wanted} onWanted={setWanted} />
        <Problem error={error} />
        <button type="submit" class="primary" disabled={isBusy}>
          See what would be done
        </button>
      </form>
      {planned && <PlanView key={planned.plan.consent.hash} plan={planned.plan} isBusy={isBusy} onInstall={install} />}
    </>
  )
}
