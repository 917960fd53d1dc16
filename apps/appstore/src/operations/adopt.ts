import { calls, parseTags, vmid as parseVmid } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import { withProxmox } from '../guests/failure.ts'
import { describe, markerOf, ownTags, textOf } from '../guests/marker.ts'
import type { JobPlan, Step } from '../jobs/definition.ts'
import type { Job } from '../model/job.ts'
import { installOf, type Toolbox } from './toolbox.ts'

/** A guest that the store did not make, as an administrator names it. */
export interface AdoptInput {
  readonly vmid: number
}

/**
 * Marks a guest of the pool and the range as one of this store. Refused when it is marked already, by whomever. Taking it
 * back gives the guest its description and tags of before.
 */
export function adoptPlan(tools: Toolbox, job: Job): JobPlan {
  const { vmid } = job.input as unknown as AdoptInput
  const target = { node: tools.door.node, vmid: parseVmid(vmid) }
  const mark: Step = {
    name: 'mark',
    title: 'Mark the guest',
    run: async context => {
      if (!(await tools.guests.inPool(context.signal)).some(guest => guest.vmid === vmid)) {
        const { pool, from, to } = tools.guests.bounds
        throw new AppstoreError(
          'APPSTORE_FOREIGN',
          `Guest ${vmid} is not in the pool ${pool}, or not within ${from}-${to}`,
        )
      }
      const config = await withProxmox('Reading the guest', () => tools.door.send(calls.lxc.config.call(target)))
      const marker = markerOf(config.description)
      if (marker?.install === job.install) return
      if (marker !== undefined || /^appstore:/m.test(config.description ?? '')) {
        throw new AppstoreError('APPSTORE_FOREIGN', `Guest ${vmid} is marked already`)
      }
      context.save({ description: config.description ?? '', tags: config.tags ?? [] })
      const tags = parseTags([...new Set([...(config.tags ?? []), ...ownTags])].join(';'))
      const description = describe(textOf(config.description), {
        install: job.install,
        store: tools.guests.bounds.store,
        role: 'app',
      })
      const request = calls.lxc.setConfig.call({ ...target, description, tags, digest: config.digest })
      await withProxmox('Marking the guest', () => tools.door.send(request))
    },
    undo: async context => {
      if (context.facts.description === undefined) return
      const found = await tools.guests.find(job.install)
      if (found === undefined) return
      const tags = parseTags((context.facts.tags as readonly string[]).join(';'))
      await tools.guests.perform('Taking the mark back', found, guest =>
        calls.lxc.setConfig.call({ ...guest, description: String(context.facts.description), tags }),
      )
    },
  }
  const read: Step = {
    name: 'read',
    title: 'Read the guest back',
    run: async context => {
      const { config } = await tools.guests.own(vmid, job.install, { signal: context.signal })
      const { resources, unprivileged } = installOf(tools, context)
      tools.store.installs.update(job.install, {
        resources: { ...resources, cores: config.cores ?? 1, memory: config.memory ?? 512 },
        unprivileged: config.unprivileged ?? unprivileged,
      })
    },
  }
  return {
    steps: [mark, read],
    ended: outcome => {
      if (outcome === 'succeeded') tools.store.installs.update(job.install, { status: 'active' })
      else tools.store.installs.remove(job.install)
    },
  }
}
