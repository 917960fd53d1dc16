import { calls, type Proxmox } from '@broker/proxmox'
import type { Finding } from '../contract.ts'
import { findTemplate } from '../operations/steps/template.ts'
import { type Check, failed, ok, tried, warning } from './check.ts'

const gib = 1024 ** 3

/** Template that most apps of catalogs name. */
const usual = 'debian-12'

/** Storages for disks and templates, bridges, and whether a template can be had. */
export const placeChecks: Check = async context => {
  const { config, proxmox } = context
  const node = await proxmox.node()
  const options = { ...(context.signal && { signal: context.signal }) }
  const disks = await tried('storage', grantStorage, async () => {
    const found = await proxmox.send(calls.storages.list.call({ node, content: ['rootdir'], enabled: true }), options)
    const named = config.defaults.storage
    if (found.length === 0) return failed('storage', 'The token may use no storage for root disks', grantStorage)
    if (named !== undefined && !found.some(({ storage }) => storage === named)) {
      const told = `defaults.storage is ${named}, which the token may not use for root disks`
      return failed('storage', told, grantStorage)
    }
    return found.map(({ storage, active, avail = 0 }): Finding => {
      if (active === false) return warning('storage', `${storage} is not active`, 'See pvesm status on the node')
      const text = `${storage} has ${Math.floor(avail / gib)} GiB free for root disks`
      return avail < 2 * gib ? warning('storage', text, 'Free some space') : ok('storage', text)
    })
  })
  const bridges = await tried('bridge', grantBridge, async () => {
    const found = await proxmox.send(calls.network.list.call({ node, type: 'any_bridge' }), options)
    const names = found.map(({ iface }) => iface)
    const named = config.defaults.network.bridge
    if (names.length === 0) return failed('bridge', 'The token may use no bridge', grantBridge)
    if (named !== undefined && !names.includes(named)) {
      return failed('bridge', `defaults.network.bridge is ${named}, which the token may not use`, grantBridge)
    }
    return ok('bridge', `Guests can be connected to ${names.join(', ')}`)
  })
  return [...disks, ...bridges, ...(await templateCheck(proxmox, node, context.signal))]
}

const grantStorage = "Give the token's user and the token a role with Datastore.AllocateSpace on /storage/ID"
const grantBridge = "Give the token's user and the token a role with SDN.Use on /sdn/zones/localnetwork/BRIDGE"

function templateCheck(proxmox: Proxmox, node: Awaited<ReturnType<Proxmox['node']>>, signal?: AbortSignal) {
  const fix = `Download it: pveam download local ${usual}-standard…; see pveam available`
  return tried('template', fix, async () => {
    const door = {
      node,
      send: proxmox.send,
      finish: () => Promise.reject(new Error('Checks start no tasks')),
    }
    const { volume, download } = await findTemplate(door, usual, signal)
    return ok('template', download === undefined ? `${volume} is there` : `${download.file} can be downloaded`)
  })
}
