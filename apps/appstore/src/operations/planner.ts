import type { JobPlan, Planner } from '../jobs/definition.ts'
import type { Job, JobKind } from '../model/job.ts'
import { adoptPlan } from './adopt.ts'
import { backupPlan } from './backup.ts'
import { installPlan, reinstallPlan } from './install.ts'
import { restartPlan, startPlan, stopPlan } from './power.ts'
import { reconfigurePlan } from './reconfigure.ts'
import { resizePlan } from './resize.ts'
import type { Toolbox } from './toolbox.ts'
import { uninstallPlan } from './uninstall.ts'
import { upgradePlan } from './upgrade.ts'

const plans: Readonly<Record<JobKind, (tools: Toolbox, job: Job) => JobPlan>> = {
  install: installPlan,
  reinstall: reinstallPlan,
  start: startPlan,
  stop: stopPlan,
  restart: restartPlan,
  reconfigure: reconfigurePlan,
  resize: resizePlan,
  upgrade: upgradePlan,
  uninstall: uninstallPlan,
  adopt: adoptPlan,
  backup: backupPlan,
}

/** Plans jobs of all kinds. */
export const planner =
  (tools: Toolbox): Planner =>
  job =>
    plans[job.kind](tools, job)
