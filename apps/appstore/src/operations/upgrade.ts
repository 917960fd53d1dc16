import type { JobPlan, Step } from '../jobs/definition.ts'
import type { InstalledApp } from '../model/install.ts'
import type { Job } from '../model/job.ts'
import { appsAtHand, secretsOfJob } from './at-hand.ts'
import { describeCall } from './calls/guest.ts'
import { appsAfter, checkHealth, runApps } from './steps/apps.ts'
import { ready, startGuest } from './steps/guest.ts'
import { awaitNetwork } from './steps/network.ts'
import { endSafety, makeSafe, type Safety } from './steps/safety.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** What an upgrade brings: of each app, in order, its new version and all its inputs. */
export interface UpgradeInput {
  readonly safety: Safety
  readonly backupStorage?: string
  readonly apps: readonly Pick<InstalledApp, 'version' | 'source' | 'commit' | 'inputs'>[]
  readonly consent: string
}

/**
 * Brings new versions of the apps into the guest: saves it first, and puts it back should the script fail or the app not
 * answer afterwards.
 */
export function upgradePlan(tools: Toolbox, job: Job): JobPlan {
  const install = installOf(tools, { job })
  const input = job.input as unknown as UpgradeInput
  const next = appsAtHand(tools, install, 'next').map((app, n) => ({
    ...app,
    inputs: input.apps[n]?.inputs ?? app.inputs,
  }))
  const describeIt: Step = {
    name: 'record',
    title: 'Write down the versions',
    final: true,
    run: async context => {
      const guest = await ready(tools, context)
      const text = `${next.map(({ app, manifest }) => `${app} ${manifest.version}`).join(', ')}, installed by the app store`
      const describing = tools.guests.perform('Describing the guest', guest, target =>
        describeCall(target, text, install, tools.guests.bounds, 'app'),
      )
      // For people only: the versions are those that run, whether the description says so or not.
      await describing.catch(error => {
        if (context.signal.aborted) throw error
        context.log('warn', `The description of the guest is the old one: ${(error as Error).message}`)
      })
      for (const { app } of next) tools.folders.promote(install.id, app)
      tools.store.transaction(() => {
        tools.vault.move(job.id, install.id)
        const apps = appsAfter(installOf(tools, context), context.facts, input.apps)
        tools.store.installs.update(install.id, { apps, consent: input.consent })
      })
    },
  }
  return {
    secrets: secretsOfJob(tools, job),
    steps: [
      makeSafe(tools, input.safety, input.backupStorage),
      startGuest(tools),
      awaitNetwork(tools),
      runApps(tools, 'upgrade', next, { title: 'Upgrade the app' }),
      checkHealth(tools, next),
      describeIt,
      endSafety(tools),
    ],
    ended: () => tools.vault.removeAll(job.id),
  }
}
