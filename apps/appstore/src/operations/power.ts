import type { JobPlan } from '../jobs/definition.ts'
import type { Job } from '../model/job.ts'
import { startGuest, stopGuest } from './steps/guest.ts'
import { awaitNetwork } from './steps/network.ts'
import type { Toolbox } from './toolbox.ts'

export const startPlan = (tools: Toolbox): JobPlan => ({ steps: [startGuest(tools), awaitNetwork(tools)] })

export const stopPlan = (tools: Toolbox): JobPlan => ({ steps: [stopGuest(tools)] })

/** Once the guest is down it is started again, also when that was cancelled. */
export const restartPlan = (tools: Toolbox, _job: Job): JobPlan => ({
  steps: [stopGuest(tools), { ...startGuest(tools), final: true }, awaitNetwork(tools)],
})
