import { setTimeout as wait } from 'node:timers/promises'
import type { Manifest } from '../../catalog/manifest/manifest.ts'
import { type AppstoreError, isAppstoreError } from '../../errors/error.ts'
import type { Step, StepContext } from '../../jobs/definition.ts'
import type { Install, InstalledApp, Output } from '../../model/install.ts'
import type { Action, ProvisionRequest, Toolbox } from '../toolbox.ts'
import { ready } from './guest.ts'

/** An app with its manifest, as a step has it. `inputs` are without secrets. */
export interface AppAtHand {
  readonly app: string
  readonly manifest: Manifest
  readonly folder: string
  readonly inputs: InstalledApp['inputs']
}

/** Between two looks at an app's health, in milliseconds. */
const healthInterval = 1000

/** Runs an action of the scripts of all apps, in their order. `secretsOf` gives the owners of secrets, later ones first. */
export const runApps = (
  tools: Toolbox,
  action: Action,
  apps: readonly AppAtHand[],
  options: {
    readonly title: string
    readonly undo?: Step['undo']
    readonly before?: (context: StepContext) => Promise<void>
  },
): Step => ({
  name: action,
  title: options.title,
  run: async context => {
    await options.before?.(context)
    const outputs: Record<string, readonly Output[]> = {}
    for (const [n, app] of apps.entries()) {
      const { vmid, install } = await ready(tools, context)
      context.progress(n / apps.length, app.manifest.name)
      const result = await tools.provisioner.run({
        vmid,
        install,
        action,
        manifest: app.manifest,
        folder: app.folder,
        ...inputsOf(tools, context, app),
        context,
      })
      for (const [key, value] of Object.entries(result.secrets))
        tools.vault.set(context.job.id, `${app.app}/${key}`, value)
      outputs[app.app] = result.outputs
    }
    context.save({ outputs: { ...(context.facts.outputs as object), ...outputs } })
  },
  ...(options.undo === undefined ? {} : { undo: options.undo }),
})

/** Waits until all apps answer as their health checks want. */
export const checkHealth = (tools: Toolbox, apps: readonly AppAtHand[]): Step => ({
  name: 'health',
  title: 'Check the health of the app',
  run: async context => {
    const deadline = Date.now() + tools.settings.healthTimeout
    for (const app of apps) {
      for (;;) {
        const problem = await healthProblem(tools, context, app)
        if (problem === undefined) break
        if (Date.now() >= deadline) throw problem
        await wait(healthInterval, undefined, { signal: context.signal })
      }
    }
  },
})

async function healthProblem(tools: Toolbox, context: StepContext, app: AppAtHand): Promise<AppstoreError | undefined> {
  const { vmid, install } = await ready(tools, context)
  try {
    await tools.provisioner.run({
      vmid,
      install,
      action: 'healthcheck',
      manifest: app.manifest,
      folder: app.folder,
      ...inputsOf(tools, context, app),
      context,
    })
    return undefined
  } catch (error) {
    if (isAppstoreError(error) && error.code === 'APPSTORE_HEALTH_FAILED') return error
    throw error
  }
}

/** Inputs of an app with those that are secret, and all its secrets: those of the install and those that came with the job. */
function inputsOf(
  { vault }: Toolbox,
  { job }: StepContext,
  { app, manifest, inputs }: AppAtHand,
): Pick<ProvisionRequest, 'inputs' | 'secrets'> {
  const own = [vault.all(job.install), vault.all(job.id)].map(all =>
    Object.entries(all).flatMap(([name, value]) =>
      name.startsWith(`${app}/`) ? [[name.slice(app.length + 1), value] as const] : [],
    ),
  )
  const isInput = new Set(manifest.inputs.map(({ key }) => key))
  return {
    inputs: { ...inputs, ...Object.fromEntries(own.flat().filter(([key]) => isInput.has(key))) },
    secrets: [...new Set(own.flat().map(([, value]) => value))],
  }
}

/** Apps of an install as they are now, with what a job told of them. */
export const appsAfter = (
  install: Install,
  facts: StepContext['facts'],
  changes: readonly Partial<InstalledApp>[] = [],
): readonly InstalledApp[] =>
  install.apps.map((app, n) => {
    const told = (facts.outputs as Readonly<Record<string, readonly Output[]>> | undefined)?.[app.app]
    return { ...app, ...changes[n], ...(told === undefined || told.length === 0 ? {} : { outputs: told }) }
  })
