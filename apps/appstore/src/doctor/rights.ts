import { calls, type Permissions } from '@broker/proxmox'
import type { Finding } from '../contract.ts'
import { needed, type RoleName } from '../setup/privileges.ts'
import { type Check, failed, ok, tried, warning } from './check.ts'

/** What a token must not have anywhere: with any of these it could give itself all others, or touch the node. */
const dangerous = /^(?:Permissions\.Modify|Realm\.|Sys\.(?!Audit$)|User\.Modify|Group\.Allocate)/

/** The rights of the token: all that the store needs, and not more than that. */
export const rightsCheck: Check = ({ config, proxmox, signal }) =>
  tried('rights', 'Check the token', async () => {
    const have = await proxmox.send(calls.access.permissions.call({}), { ...(signal && { signal }) })
    return [...lacking(have, config.pool), ...excess(have, config.pool)]
  })

/** Privileges that are needed and nowhere there. */
export function lacking(have: Permissions, pool: string): readonly Finding[] {
  const places: Readonly<Record<RoleName, { readonly holds: (path: string) => boolean; readonly shown: string }>> = {
    AppStoreGuests: { holds: path => ['/', '/pool', `/pool/${pool}`].includes(path), shown: `/pool/${pool}` },
    AppStoreStorage: { holds: path => /^\/(?:storage(?:\/.*)?)?$/.test(path), shown: '/storage/ID' },
    AppStoreBridge: { holds: path => /^\/(?:sdn(?:\/.*)?)?$/.test(path), shown: '/sdn/zones/localnetwork/BRIDGE' },
  }
  const missing = needed.filter(({ name, role }) => {
    const { holds } = places[role]
    return !Object.entries(have).some(([at, names]) => holds(at) && name in names)
  })
  if (missing.length === 0) return [ok('rights', `The token has all ${needed.length} privileges that the store needs`)]
  return missing.map(({ name, role, why }) => {
    const { shown } = places[role]
    const fix = `Run appstore setup, or give the token and its user a role with ${name} on ${shown}`
    return failed('rights', `Without ${name} on ${shown} the store cannot ${why}`, fix)
  })
}

/** Rights that reach further than the pool. */
export function excess(have: Permissions, pool: string): readonly Finding[] {
  const fix = 'Give the token a role of its own on the pool, the storages and the bridges alone: appstore setup does'
  return Object.entries(have).flatMap(([path, names]) => {
    const list = Object.keys(names)
    const worst = list.filter(name => dangerous.test(name))
    if (worst.length > 0) return [warning('rights', `The token has ${worst.join(', ')} on ${path}`, fix)]
    // Proxmox lists guests of the pool one by one, too: /vms/ID says nothing of its own.
    const reaches = path === '/' || path === '/vms'
    const other = path.startsWith('/pool/') && path !== `/pool/${pool}`
    const guests = list.filter(name => name.startsWith('VM.'))
    if ((reaches || other) && guests.length > 0)
      return [warning('rights', `The token has ${guests.join(', ')} on ${path}: guests of others`, fix)]
    return []
  })
}
