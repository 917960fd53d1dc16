import { randomBytes } from 'node:crypto'
import { has, requireAll } from '../access/check.ts'
import { isPassword, splitToken } from '../access/identity.ts'
import { allPrivileges, privilegesOn } from '../access/permissions.ts'
import { builtinRoles, privilegesOf } from '../access/privileges.ts'
import { splitList } from '../schema/formats.ts'
import { boolean, string } from '../schema/property.ts'
import type { AclEntry } from '../state/types.ts'
import { ApiError, failed, forbidden, invalid } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text } from './endpoint.ts'

const roleid = string({ format: 'pve-roleid' })
const privs = string({ optional: true, format: 'pve-priv-list' })
const groupid = string({ format: 'pve-groupid' })
const modify = { path: '/access', privileges: ['Sys.Modify'] } as const
const groups = { path: '/access/groups', privileges: ['Group.Allocate'] } as const

function privilegeNames({ world, params }: Call): string[] {
  const names = splitList(text(params, 'privs') ?? '')
  for (const name of names)
    if (!privilegesOf(world.version).includes(name)) throw invalid({ privs: `invalid privilege '${name}'\n` })
  return names
}

function requireRole({ world, params }: Call): string {
  const id = need(params, 'roleid')
  if (!Object.hasOwn(world.state.roles, id)) throw failed(`role '${id}' does not exist`)
  return id
}

function requireOwnRole(call: Call): string {
  const id = requireRole(call)
  if (Object.hasOwn(builtinRoles(call.world.version), id))
    throw failed(`auto-generated role '${id}' cannot be modified`)
  return id
}

export const accessEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/access',
    permission: 'all',
    parameters: {},
    handle: () => ['users', 'groups', 'roles', 'acl', 'ticket', 'permissions'].map(subdir => ({ subdir })),
  },
  {
    method: 'GET',
    path: '/access/permissions',
    permission: 'all',
    parameters: {
      path: string({ optional: true }),
      userid: string({ optional: true, pattern: '[^\\s:/]+@[A-Za-z][A-Za-z0-9.\\-_]+(?:![A-Za-z][A-Za-z0-9.\\-_]+)?' }),
    },
    handle({ world, params, who }) {
      const userid = text(params, 'userid') ?? who
      const isOwn = userid === who || splitToken(userid).user === who
      if (!isOwn && !has(world.state, who, '/access', ['Sys.Audit'])) throw forbidden('/access, Sys.Audit')
      const path = text(params, 'path')
      return path === undefined
        ? allPrivileges(world.state, userid)
        : { [path]: privilegesOn(world.state, userid, path) }
    },
  },
  {
    method: 'GET',
    path: '/access/roles',
    permission: 'all',
    parameters: {},
    handle: ({ world }) =>
      Object.entries(world.state.roles).map(([id, names]) => ({
        roleid: id,
        privs: names.join(','),
        special: Object.hasOwn(builtinRoles(world.version), id) ? 1 : 0,
      })),
  },
  {
    method: 'POST',
    path: '/access/roles',
    permission: modify,
    parameters: { privs, roleid },
    handle(call) {
      const id = need(call.params, 'roleid')
      if (Object.hasOwn(call.world.state.roles, id)) throw failed(`create role failed: role '${id}' already exists`)
      call.world.state.roles[id] = privilegeNames(call)
      call.world.store.save()
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/roles/{roleid}',
    permission: 'all',
    parameters: { roleid },
    handle: call => Object.fromEntries((call.world.state.roles[requireRole(call)] ?? []).map(name => [name, 1])),
  },
  {
    method: 'PUT',
    path: '/access/roles/{roleid}',
    permission: modify,
    parameters: { append: boolean({ optional: true, requires: 'privs' }), privs, roleid },
    handle(call) {
      const id = requireOwnRole(call)
      const before = flag(call.params, 'append') ? (call.world.state.roles[id] ?? []) : []
      call.world.state.roles[id] = [...new Set([...before, ...privilegeNames(call)])]
      call.world.store.save()
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/roles/{roleid}',
    permission: modify,
    parameters: { roleid },
    handle(call) {
      const id = requireOwnRole(call)
      delete call.world.state.roles[id]
      call.world.state.acl = call.world.state.acl.filter(({ role }) => role !== id)
      call.world.store.save()
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/acl',
    permission: 'all',
    parameters: {},
    handle: ({ world, who }) =>
      world.state.acl
        .filter(
          ({ path }) =>
            has(world.state, who, path, ['Permissions.Modify']) || has(world.state, who, '/access', ['Sys.Audit']),
        )
        .map(({ path, kind, who: ugid, role, propagate }) => ({ path, type: kind, ugid, roleid: role, propagate })),
  },
  {
    method: 'PUT',
    path: '/access/acl',
    permission: ({ world, params, who }) =>
      requireAll(world.state, who, String(params.path ?? '/'), ['Permissions.Modify']),
    parameters: {
      delete: boolean({ optional: true }),
      groups: string({ optional: true, format: 'pve-groupid-list' }),
      path: string(),
      propagate: boolean({ optional: true }),
      roles: string({ format: 'pve-roleid-list' }),
      tokens: string({ optional: true, format: 'pve-tokenid-list' }),
      users: string({ optional: true, format: 'pve-userid-list' }),
    },
    handle: changeAcl,
  },
  {
    method: 'GET',
    path: '/access/groups',
    permission: 'all',
    parameters: {},
    handle: ({ world, who }) =>
      Object.entries(world.state.groups)
        .filter(() => has(world.state, who, '/access/groups', ['Sys.Audit']))
        .map(([id, group]) => ({ groupid: id, ...group })),
  },
  {
    method: 'POST',
    path: '/access/groups',
    permission: groups,
    parameters: { comment: string({ optional: true }), groupid },
    handle({ world, params }) {
      const id = need(params, 'groupid')
      if (Object.hasOwn(world.state.groups, id)) throw failed(`create group failed: group '${id}' already exists`)
      world.state.groups[id] = {}
      world.store.save()
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/groups/{groupid}',
    permission: groups,
    parameters: { groupid },
    handle({ world, params }) {
      const id = need(params, 'groupid')
      if (!Object.hasOwn(world.state.groups, id)) throw failed(`group '${id}' does not exist`)
      delete world.state.groups[id]
      world.store.save()
      return null
    },
  },
  { method: 'GET', path: '/access/ticket', permission: 'world', parameters: {}, handle: () => null },
  {
    method: 'POST',
    path: '/access/ticket',
    permission: 'world',
    parameters: {
      'new-format': boolean({ optional: true }),
      otp: string({ optional: true }),
      password: string(),
      path: string({ optional: true, maxLength: 64, requires: 'privs' }),
      privs: string({ optional: true, format: 'pve-priv-list', maxLength: 64, requires: 'path' }),
      realm: string({ optional: true, format: 'pve-realm', maxLength: 32 }),
      'tfa-challenge': string({ optional: true }),
      username: string({ maxLength: 64 }),
    },
    handle({ world, params }) {
      const name = need(params, 'username')
      const user = name.includes('@') ? name : `${name}@${text(params, 'realm') ?? 'pam'}`
      if (!isPassword(world.state, user, need(params, 'password')))
        throw new ApiError(401, 'authentication failure', { isBare: true })
      const ticket = `PVE:${user}:${randomBytes(24).toString('base64url')}`
      const csrf = `${Date.now().toString(16).toUpperCase()}:${randomBytes(24).toString('base64url')}`
      world.tickets.set(ticket, { user, csrf })
      return { username: user, ticket, CSRFPreventionToken: csrf, cap: {} }
    },
  },
]

function changeAcl({ world, params }: Call): null {
  const path = need(params, 'path')
  if (!/^\/(?:[^/\s]+(?:\/[^/\s]+)*)?$/.test(path)) throw invalid({ path: 'invalid ACL path' })
  const roles = splitList(need(params, 'roles'))
  for (const role of roles) if (!Object.hasOwn(world.state.roles, role)) throw failed(`role '${role}' does not exist`)
  const propagate = params.propagate === 0 ? 0 : 1
  const entries: AclEntry[] = []
  for (const [name, kind] of [
    ['users', 'user'],
    ['groups', 'group'],
    ['tokens', 'token'],
  ] as const)
    for (const who of splitList(text(params, name) ?? '')) {
      requireExisting({ world }, kind, who)
      entries.push(...roles.map(role => ({ path, kind, who, role, propagate }) as const))
    }
  if (entries.length === 0) throw invalid({ users: 'either users, groups or tokens must be set' })
  const isSame = (a: AclEntry, b: AclEntry): boolean =>
    a.path === b.path && a.kind === b.kind && a.who === b.who && a.role === b.role
  world.state.acl = world.state.acl.filter(old => !entries.some(entry => isSame(old, entry)))
  if (!flag(params, 'delete')) world.state.acl.push(...entries)
  world.store.save()
  return null
}

function requireExisting({ world }: Pick<Call, 'world'>, kind: AclEntry['kind'], who: string): void {
  const { user, token } = splitToken(who)
  if (kind === 'group') {
    if (!Object.hasOwn(world.state.groups, who)) throw failed(`group '${who}' does not exist`)
    return
  }
  const known = Object.hasOwn(world.state.users, user) ? world.state.users[user] : undefined
  if (known === undefined) throw failed(`user '${user}' does not exist`)
  if (token !== undefined && !Object.hasOwn(known.tokens, token))
    throw failed(`no such token '${token}' for user '${user}'`)
}
