import { type Call, calls, type Vmid } from '@broker/proxmox'
import type { Plan, PlannedAction } from '../contract.ts'
import { createCall, tagCall } from '../operations/calls/guest.ts'
import { findTemplate } from '../operations/steps/template.ts'
import type { Toolbox } from '../operations/toolbox.ts'
import type { ResolvedInstall } from './resolve.ts'

/**
 * Everything that an install would change, made by the same functions that make the requests themselves. The id of the
 * guest is the one that is free now.
 */
export async function planInstall(tools: Toolbox, resolved: ResolvedInstall): Promise<Plan> {
  const { install, entries, consent, warnings } = resolved
  const { node } = tools.door
  const template = await findTemplate(tools.door, install.template)
  const vmid = await firstFree(tools)
  const target = { node, vmid }
  const features = [...new Set(entries.flatMap(({ manifest }) => manifest.guest.features))]
  const actions: PlannedAction[] = []
  const api = (step: string, call: Call<unknown>): void => void actions.push(shown(step, call))
  if (template.download !== undefined) {
    const { storage, file } = template.download
    api('template', calls.storages.downloadAppliance.call({ node, storage, template: file as never }))
  }
  api('create', createCall(install, target, tools.guests.bounds, template.volume, features))
  api('tag', tagCall(target))
  api('start', calls.lxc.start.call(target))
  for (const action of ['install', 'healthcheck'] as const) {
    for (const { manifest } of entries) {
      for (const { command, parameters } of tools.provisioner.plan({ vmid, action, manifest })) {
        actions.push({
          step: action === 'install' ? 'install' : 'health',
          kind: 'privileged',
          action: command,
          parameters,
        })
      }
    }
  }
  const apps = install.apps.map(({ app, version }) => ({ app, version }))
  return { name: install.name, apps, consent, actions, warnings }
}

const shown = (step: string, { method, path, parameters }: Call<unknown>): PlannedAction => ({
  step,
  kind: 'api',
  action: `${method} ${path}`,
  parameters: Object.fromEntries(parameters),
})

async function firstFree({ guests }: Toolbox): Promise<Vmid> {
  for await (const vmid of guests.freeIds()) return vmid
  return guests.bounds.from as Vmid
}
