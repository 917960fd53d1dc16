import type { State } from '../state/types.ts'
import { failed, forbidden } from '../wire/error.ts'
import { privilegesOn } from './permissions.ts'

/** Whether an identity has all of the privileges on a path. */
export function has(state: State, who: string, path: string, privileges: readonly string[]): boolean {
  const held = privilegesOn(state, who, path)
  return privileges.every(privilege => held[privilege] !== undefined)
}

/** Throws 403 that names the first privilege which is missing. */
export function requireAll(state: State, who: string, path: string, privileges: readonly string[]): void {
  const held = privilegesOn(state, who, path)
  for (const privilege of privileges) if (held[privilege] === undefined) throw forbidden(`${path}, ${privilege}`)
}

/** Throws 403 that names all of the privileges when none is held. */
export function requireAny(state: State, who: string, path: string, privileges: readonly string[]): void {
  const held = privilegesOn(state, who, path)
  if (!privileges.some(privilege => held[privilege] !== undefined)) throw forbidden(`${path}, ${privileges.join('|')}`)
}

/** As {@link requireAll} for a guest, where the privileges on the pool that it is to be in are as good. */
export function requireGuest(
  state: State,
  who: string,
  vmid: number,
  pool: string | undefined,
  privileges: readonly string[],
): void {
  if (pool !== undefined && has(state, who, `/pool/${pool}`, privileges)) return
  requireAll(state, who, `/vms/${vmid}`, privileges)
}

/**
 * Who may change which tags: the check does not look at the pool that a guest is to be in, so a token that has rights on
 * the pool only may not set tags while it creates one.
 */
export function requireTags(state: State, who: string, vmid: number): void {
  requireAll(state, who, `/vms/${vmid}`, ['VM.Config.Options'])
}

/** SDN.Use on the bridge, or on the VLAN of it. */
export function requireBridge(state: State, who: string, bridge: string | undefined, tag: string | undefined): void {
  if (who === 'root@pam' || bridge === undefined) return
  const path = `/sdn/zones/localnetwork/${bridge}`
  if (tag !== undefined && has(state, who, `${path}/${tag}`, ['SDN.Use'])) return
  requireAll(state, who, path, ['SDN.Use'])
}

/** Whether an identity may use a volume as what `kind` says, for a guest `vmid`. */
export function requireVolume(state: State, who: string, vmid: number | undefined, volid: string): void {
  const [storage, ...rest] = volid.split(':')
  if (storage === undefined || rest.length === 0 || storage.startsWith('/')) {
    if (who !== 'root@pam') throw failed('Only root can pass arbitrary filesystem paths.')
    return
  }
  const name = rest.join(':')
  if (/^(?:vztmpl|iso|import)\//.test(name)) {
    requireAny(state, who, `/storage/${storage}`, ['Datastore.AllocateSpace', 'Datastore.Audit'])
    return
  }
  const backup = /^backup\/vzdump-(?:lxc|qemu)-(\d+)-/.exec(name)
  const owner = backup?.[1] ?? state.volumes[volid]?.vmid ?? /(?:vm|subvol|basevol)-(\d+)-/.exec(name)?.[1]
  if (owner === undefined) throw failed(`missing privileges to access ${volid}`)
  if (vmid !== undefined && Number(owner) === vmid) return
  if (backup !== null) {
    requireAll(state, who, `/storage/${storage}`, ['Datastore.AllocateSpace'])
    requireAll(state, who, `/vms/${owner}`, ['VM.Backup'])
    return
  }
  requireAll(state, who, `/storage/${storage}`, ['Datastore.Audit'])
  requireAll(state, who, `/vms/${owner}`, ['VM.Config.Disk'])
}
