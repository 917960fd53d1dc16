import type { JobPlan, Step, StepContext } from '../jobs/definition.ts'
import type { Job } from '../model/job.ts'
import { appsAtHand, featuresOf, secretsOfJob } from './at-hand.ts'
import { type AppAtHand, appsAfter, checkHealth, runApps } from './steps/apps.ts'
import { createGuest, destroy, startGuest, tagGuest } from './steps/guest.ts'
import { awaitNetwork } from './steps/network.ts'
import { fetchTemplate } from './steps/template.ts'
import { destroyWithout, moveVolumes, readVolumes } from './steps/volumes.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** Installs: from the template to an app that answers. Whatever fails, nothing of it is left. */
export function installPlan(tools: Toolbox, job: Job): JobPlan {
  const apps = appsAtHand(tools, installOf(tools, { job }))
  const keepFailed = job.input.keepFailed === true
  const steps = [...guestSteps(tools, apps), appSteps(tools, apps, { rebuilds: true })].flat()
  return {
    secrets: secretsOfJob(tools, job),
    steps: keepFailed ? steps.map(({ undo: _, ...step }) => step) : steps,
    ended: (outcome, context) => endInstall(tools, job, outcome === 'succeeded', context),
  }
}

/** Installs again, around volumes that were kept. They are moved back should it fail. */
export function reinstallPlan(tools: Toolbox, job: Job): JobPlan {
  const apps = appsAtHand(tools, installOf(tools, { job }))
  const [template, create, tag] = guestSteps(tools, apps) as [Step, Step, Step, Step]
  const removeHolder: Step = {
    name: 'holder',
    title: 'Remove the guest that held the volumes',
    final: true,
    run: context => destroy(tools, context, 'volumes'),
  }
  return {
    secrets: secretsOfJob(tools, job),
    steps: [
      template,
      { ...create, undo: context => destroyWithout(tools, context, 'app', installOf(tools, context).volumes) },
      tag,
      moveVolumes(tools, 'volumes', 'app', ({ volumes }) => volumes),
      ...appSteps(tools, apps, { rebuilds: false }),
      removeHolder,
    ],
    ended: (outcome, context) => endInstall(tools, job, outcome === 'succeeded', context),
  }
}

const guestSteps = (tools: Toolbox, apps: readonly AppAtHand[]): readonly Step[] => [
  fetchTemplate(tools),
  createGuest(tools, featuresOf(apps)),
  tagGuest(tools),
  readVolumes(tools),
]

function appSteps(
  tools: Toolbox,
  apps: readonly AppAtHand[],
  { rebuilds }: { readonly rebuilds: boolean },
): readonly Step[] {
  const before = (context: StepContext): Promise<void> =>
    rebuilds ? freshGuest(tools, apps, context) : Promise.resolve()
  return [
    startGuest(tools),
    awaitNetwork(tools),
    runApps(tools, 'install', apps, { title: 'Install the app', before }),
    checkHealth(tools, apps),
  ]
}

/**
 * A script that was killed half-way may not be able to run again on what it left. The guest has nothing of value yet, so it
 * is made anew.
 */
async function freshGuest(tools: Toolbox, apps: readonly AppAtHand[], context: StepContext): Promise<void> {
  if (context.facts.provisioning !== true) {
    context.save({ provisioning: true })
    return
  }
  context.log('info', 'The installation was interrupted; the guest is made anew')
  await destroy(tools, context, 'app')
  const { id, volumes } = installOf(tools, context)
  // Those of the first guest went with it; volumes that have no id yet are made with the guest.
  tools.store.installs.update(id, { volumes: volumes.map(({ volumeId: _, ...volume }) => volume) })
  context.save({ candidate: undefined })
  for (const step of [...guestSteps(tools, apps).slice(1), startGuest(tools), awaitNetwork(tools)])
    await step.run(context)
}

function endInstall(tools: Toolbox, job: Job, succeeded: boolean, { facts }: Pick<StepContext, 'facts'>): void {
  const install = installOf(tools, { job })
  if (succeeded) {
    tools.vault.move(job.id, install.id)
    tools.store.installs.update(install.id, { status: 'active', apps: appsAfter(install, facts) })
    return
  }
  tools.vault.removeAll(job.id)
  // Volumes that were kept are still there, and a guest may be: then somebody has to decide.
  if (job.kind === 'reinstall' && install.vmid === undefined)
    tools.store.installs.update(install.id, { status: 'kept' })
  else if (install.vmid !== undefined) tools.store.installs.update(install.id, { status: 'failed' })
  else {
    tools.vault.removeAll(install.id)
    tools.store.installs.remove(install.id)
  }
}
