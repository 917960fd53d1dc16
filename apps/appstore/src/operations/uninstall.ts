import type { JobPlan, Step } from '../jobs/definition.ts'
import type { Install } from '../model/install.ts'
import type { Job } from '../model/job.ts'
import { holderCall } from './calls/guest.ts'
import { create, destroy, ready, stop } from './steps/guest.ts'
import { fetchTemplate } from './steps/template.ts'
import { destroyWithout, moveVolumes } from './steps/volumes.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** Slots of the volumes that are kept. */
export interface UninstallInput {
  readonly keep: readonly string[]
}

/**
 * Removes an install. Volumes that are kept are moved to a guest that only holds them, and are read back there, before
 * anything is destroyed; until then all of it can be taken back.
 */
export function uninstallPlan(tools: Toolbox, job: Job): JobPlan {
  const { keep } = job.input as unknown as UninstallInput
  const kept = ({ volumes }: Install) => volumes.filter(({ slot }) => keep.includes(slot))
  const shutDown: Step = {
    name: 'stop',
    title: 'Shut the guest down',
    run: async context => {
      const { vmid, id } = installOf(tools, context)
      if (vmid === undefined || (await tools.guests.find(id, { signal: context.signal })) === undefined) return
      const guest = await ready(tools, context, { untagged: true })
      await stop(tools, context, guest)
    },
  }
  const hold: Step = {
    name: 'holder',
    title: 'Make a guest that holds the volumes',
    run: async context => {
      const install = installOf(tools, context)
      await create(tools, context, install, 'volumes', target =>
        holderCall(install, target, tools.guests.bounds, String(context.facts.template)),
      )
    },
    undo: context => destroyWithout(tools, context, 'volumes', kept(installOf(tools, context))),
  }
  const remove: Step = {
    name: 'destroy',
    title: 'Destroy the guest',
    final: true,
    run: async context => {
      await destroyWithout(tools, context, 'app', kept(installOf(tools, context)))
      // Volumes that an earlier uninstall kept go with the install, unless this one keeps some.
      if (keep.length === 0) await destroy(tools, context, 'volumes')
    },
  }
  return {
    steps:
      keep.length === 0
        ? [shutDown, remove]
        : [shutDown, fetchTemplate(tools), hold, moveVolumes(tools, 'app', 'volumes', kept), remove],
    ended: outcome => {
      if (outcome !== 'succeeded') return
      const install = installOf(tools, { job })
      if (keep.length > 0) {
        tools.store.installs.update(install.id, { status: 'kept', vmid: null, volumes: kept(install) })
        return
      }
      tools.vault.removeAll(install.id)
      tools.store.installs.remove(install.id)
    },
  }
}
