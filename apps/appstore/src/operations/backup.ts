import type { JobPlan } from '../jobs/definition.ts'
import type { Job } from '../model/job.ts'
import { backup } from './steps/safety.ts'
import type { Toolbox } from './toolbox.ts'

/** Backs the guest of an install up. */
export const backupPlan = (tools: Toolbox, { input }: Job): JobPlan => ({
  steps: [
    {
      name: 'backup',
      title: 'Back the guest up',
      run: context => backup(tools, context, input.storage as string | undefined),
    },
  ],
})
