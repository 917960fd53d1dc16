import type { AclEntry, State } from '../state/types.ts'
import { splitToken } from './identity.ts'

/** Privileges on a path; the number tells whether they hold below it too. */
export type Privileges = Readonly<Record<string, 0 | 1>>

type Roles = Record<string, 0 | 1>

/**
 * Privileges that a user or token has on a path. A token with privilege separation has what both it and its user have; a
 * guest or storage in a pool takes the pool's roles where it has none of its own, and those do not go further down.
 */
export function privilegesOn(state: State, identity: string, path: string): Privileges {
  const { user, token } = splitToken(identity)
  const separated = token !== undefined && state.users[user]?.tokens[token]?.privsep !== 0
  if (!separated) return ofIdentity(state, user, path)
  const own = ofIdentity(state, identity, path)
  const users = ofIdentity(state, user, path)
  return Object.fromEntries(Object.entries(own).filter(([privilege]) => users[privilege] !== undefined))
}

function ofIdentity(state: State, identity: string, path: string): Privileges {
  let roles = rolesOn(state, identity, path)
  if (Object.keys(roles).length === 0) {
    roles = {}
    for (const pool of poolsOf(state, path))
      for (const role of Object.keys(rolesOn(state, identity, `/pool/${pool}`))) roles[role] = 0
  }
  if (roles.NoAccess !== undefined) return {}
  const privileges: Record<string, 0 | 1> = {}
  for (const [role, propagates] of Object.entries(roles))
    for (const privilege of state.roles[role] ?? [])
      privileges[privilege] = (privileges[privilege] ?? 0) || propagates ? 1 : 0
  return privileges
}

/** Roles of one identity on a path: what is nearest to the path replaces what was inherited. */
function rolesOn(state: State, identity: string, path: string): Roles {
  if (identity === 'root@pam') return { Administrator: 1 }
  const { user, token } = splitToken(identity)
  if (state.users[user]?.enable !== 1) return {}
  const groups = state.users[user]?.groups ?? []
  let roles: Roles = {}
  for (const step of stepsOf(path)) {
    const here = state.acl.filter(entry => entry.path === step && (step === path || entry.propagate === 1))
    const own = here.filter(entry =>
      token === undefined
        ? entry.kind === 'user' && entry.who === user
        : entry.kind === 'token' && entry.who === identity,
    )
    const shared = token === undefined ? here.filter(entry => entry.kind === 'group' && groups.includes(entry.who)) : []
    const nearest = own.length > 0 ? own : shared
    if (nearest.length > 0) roles = collect(nearest)
  }
  return roles
}

function collect(entries: readonly AclEntry[]): Roles {
  const denied = entries.find(entry => entry.role === 'NoAccess')
  if (denied !== undefined) return { NoAccess: denied.propagate }
  return Object.fromEntries(entries.map(entry => [entry.role, entry.propagate]))
}

/** `/`, `/vms`, `/vms/104` for `/vms/104`. */
function stepsOf(path: string): string[] {
  const parts = path.split('/').filter(part => part !== '')
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)]
}

function poolsOf(state: State, path: string): string[] {
  const [, kind, id] = /^\/(vms|storage)\/([^/]+)$/.exec(path) ?? []
  if (kind === undefined || id === undefined) return []
  return Object.entries(state.pools)
    .filter(([, pool]) => (kind === 'vms' ? pool.guests.includes(Number(id)) : pool.storages.includes(id)))
    .map(([name]) => name)
}

/** Privileges by path, for every path that an entry or a pool mentions; what `/access/permissions` answers. */
export function allPrivileges(state: State, identity: string): Readonly<Record<string, Privileges>> {
  const paths = new Set(state.acl.map(entry => entry.path))
  if (splitToken(identity).user === 'root@pam') for (const path of topPaths) paths.add(path)
  for (const [name, pool] of Object.entries(state.pools)) {
    paths.add(`/pool/${name}`)
    for (const id of pool.guests) paths.add(`/vms/${id}`)
    for (const id of pool.storages) paths.add(`/storage/${id}`)
  }
  const result: Record<string, Privileges> = {}
  for (const path of paths) {
    const privileges = privilegesOn(state, identity, path)
    if (Object.keys(privileges).length > 0) result[path] = privileges
  }
  return result
}

const topPaths = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms']
