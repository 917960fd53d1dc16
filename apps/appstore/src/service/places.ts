import { calls } from '@broker/proxmox'
import type { Places } from '../contract.ts'
import type { ProxmoxDoor } from '../guests/door.ts'
import { withProxmox } from '../guests/failure.ts'

/** Storages, bridges and templates that the token may use. */
export async function placesOf(door: ProxmoxDoor): Promise<Places> {
  const { node } = door
  return withProxmox('Looking for storages and bridges', async () => {
    const [storages, templates, bridges] = await Promise.all([
      door.send(calls.storages.list.call({ node, content: ['rootdir'], enabled: true })),
      door.send(calls.storages.list.call({ node, content: ['vztmpl'], enabled: true })),
      door.send(calls.network.list.call({ node, type: 'any_bridge' })),
    ])
    const contents = await Promise.all(
      templates.map(({ storage }) => door.send(calls.storages.content.call({ node, storage, content: 'vztmpl' }))),
    )
    return {
      storages: storages
        .filter(({ active }) => active !== false)
        .map(({ storage, type, avail = 0, total = 0 }) => ({ name: storage, type, free: avail, total })),
      bridges: bridges.map(({ iface, bridge_vlan_aware: vlanAware = false }) => ({ name: iface, vlanAware })),
      templates: contents.flat().map(({ volid }) => volid),
    }
  })
}
