import { calls } from '@broker/proxmox'
import type { Target } from '../guests/guests.ts'
import type { JobPlan, Step, StepContext } from '../jobs/definition.ts'
import type { InstalledApp } from '../model/install.ts'
import type { Job } from '../model/job.ts'
import { appsAtHand, secretsOfJob } from './at-hand.ts'
import { growDisk } from './resize.ts'
import { type AppAtHand, appsAfter, checkHealth, runApps } from './steps/apps.ts'
import { ready } from './steps/guest.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** What a reconfiguration changes, as its job has it: checked values, no secret. */
export interface ReconfigureInput {
  readonly cores?: number
  /** MiB. */
  readonly memory?: number
  readonly onboot?: boolean
  /** GiB of the root disk, which only grows. */
  readonly disk?: number
  /** All inputs of the apps that change, by app. */
  readonly inputs?: Readonly<Record<string, InstalledApp['inputs']>>
  /** Apps of which only secrets change. */
  readonly secretsOf?: readonly string[]
}

/** Changes an install in place. Should it fail, the guest gets its old settings and the app its old inputs back. */
export function reconfigurePlan(tools: Toolbox, job: Job): JobPlan {
  const install = installOf(tools, { job })
  const input = job.input as ReconfigureInput
  const all = appsAtHand(tools, install)
  const touched = all.filter(({ app }) => input.inputs?.[app] !== undefined || input.secretsOf?.includes(app))
  const changed = touched.map(app => ({ ...app, inputs: input.inputs?.[app.app] ?? app.inputs }))
  const configure = runApps(tools, 'configure', changed, {
    title: 'Configure the app',
    undo: backToOld(tools, touched),
  })
  return {
    secrets: secretsOfJob(tools, job),
    steps: [
      resources(tools, input),
      ...(changed.length > 0 ? [configure, checkHealth(tools, changed)] : []),
      ...(input.disk === undefined ? [] : [growDisk(tools, { slot: 'rootfs', size: input.disk })]),
    ],
    ended: (outcome, { facts }) => {
      if (outcome !== 'succeeded') return tools.vault.removeAll(job.id)
      tools.vault.move(job.id, install.id)
      const now = installOf(tools, { job })
      const { cores, memory, disk } = { ...now.resources, ...input }
      const { onboot = now.onboot } = input
      const apps = now.apps.map(app => ({ ...app, inputs: input.inputs?.[app.app] ?? app.inputs }))
      const changes = { resources: { cores, memory, disk }, onboot }
      tools.store.installs.update(install.id, { ...changes, apps: appsAfter({ ...now, apps }, facts) })
    },
  }
}

/** The app's own script, with the inputs as they were. The secrets of the job are dropped first. */
const backToOld =
  (tools: Toolbox, apps: readonly AppAtHand[]): NonNullable<Step['undo']> =>
  async context => {
    tools.vault.removeAll(context.job.id)
    const { isRunning } = await ready(tools, context)
    if (!isRunning) return
    await runApps(tools, 'configure', apps, { title: 'Configure the app' }).run(context)
  }

const resources = (tools: Toolbox, { cores, memory, onboot }: ReconfigureInput): Step => ({
  name: 'resources',
  title: 'Change the settings of the guest',
  run: async context => {
    const { config } = await ready(tools, context)
    if (context.facts.before === undefined) {
      context.save({ before: { cores: config.cores, memory: config.memory, onboot: config.onboot ?? false } })
    }
    await set(tools, context, { cores, memory, onboot })
  },
  undo: async context => {
    if (context.facts.before !== undefined) await set(tools, context, context.facts.before as ReconfigureInput)
  },
})

async function set(
  tools: Toolbox,
  context: StepContext,
  wanted: Partial<Record<'cores' | 'memory', number | undefined>> & { onboot?: boolean | undefined },
): Promise<void> {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  if (given.length === 0) return
  const guest = await ready(tools, context)
  const request = (target: Target) =>
    calls.lxc.setConfig.call({ ...target, ...Object.fromEntries(given), digest: guest.config.digest })
  await tools.guests.perform('Changing the guest', guest, request)
}
