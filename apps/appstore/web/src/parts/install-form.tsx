import { useState } from 'preact/hooks'
import { installs } from '../api/routes.ts'
import type { AppDetail, InstallRequest, Plan, StackSummary } from '../api/types.ts'
import { go } from '../app/router.ts'
import { Advanced, type Wanted, wantedRequest } from './advanced.tsx'
import { AppInputs } from './app-inputs.tsx'
import { defaultsOf, sentValues, type Values } from './inputs.ts'
import { PlanView } from './plan.tsx'
import { Problem } from './problem.tsx'

/** What is wanted before anything is: what the stack says. */
const firstWanted = ({ template, resources = {} }: Partial<StackSummary>): Wanted => ({
  ...(template === undefined ? {} : { template }),
  ...{ resources, network: {}, volumes: {} },
})

interface Props {
  readonly apps: readonly AppDetail[]
  /** The stack that the apps are of; its values are where the form begins. */
  readonly stack?: StackSummary
}

/** The form of an install: inputs, then all that it would do, then consent. */
export function InstallForm({ apps, stack }: Props) {
  const [name, setName] = useState(stack?.id ?? '')
  const [values, setValues] = useState<Readonly<Record<string, Values>>>(() =>
    Object.fromEntries(apps.map(({ id, inputs }) => [id, { ...defaultsOf(inputs), ...stack?.inputs[id] }])),
  )
  const [wanted, setWanted] = useState(() => firstWanted(stack ?? {}))
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
