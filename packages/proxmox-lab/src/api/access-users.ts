import { randomUUID } from 'node:crypto'
import { has, requireAny } from '../access/check.ts'
import { hashSecret, splitToken } from '../access/identity.ts'
import { splitList } from '../schema/formats.ts'
import { boolean, integer, type Parameters, string } from '../schema/property.ts'
import type { Token, User } from '../state/types.ts'
import { failed, forbidden } from '../wire/error.ts'
import { type Call, type Endpoint, flag, need, text } from './endpoint.ts'

const userid = string({ format: 'pve-userid', maxLength: 64 })
const tokenid = string({ pattern: '[A-Za-z][A-Za-z0-9.\\-_]+' })
const expire = integer({ optional: true, minimum: 0 })
const comment = string({ optional: true })
const profile: Parameters = {
  comment: string({ optional: true, maxLength: 2048 }),
  email: string({ optional: true, format: 'email-opt', maxLength: 254 }),
  enable: boolean({ optional: true }),
  expire,
  firstname: string({ optional: true, maxLength: 1024 }),
  groups: string({ optional: true, format: 'pve-groupid-list' }),
  keys: string({ optional: true, pattern: '[0-9a-zA-Z!=]{0,4096}' }),
  lastname: string({ optional: true, maxLength: 1024 }),
  userid,
}

const isModifier = ({ world, who }: Call): boolean => has(world.state, who, '/access/groups', ['User.Modify'])

/** Only who may modify users. */
function mayModify(call: Call): void {
  if (!isModifier(call)) throw forbidden()
}

/** Users may change their own tokens; a token is not its user here. */
function mayModifySelf(call: Call): void {
  if (call.params.userid !== call.who && !isModifier(call)) throw forbidden()
}

function userOf({ world, params }: Call): User {
  const id = need(params, 'userid')
  const user = Object.hasOwn(world.state.users, id) ? world.state.users[id] : undefined
  if (user === undefined) throw failed(`no such user ('${id}')`)
  return user
}

function tokenOf(call: Call): Token {
  const name = need(call.params, 'tokenid')
  const { tokens } = userOf(call)
  const token = Object.hasOwn(tokens, name) ? tokens[name] : undefined
  if (token === undefined) throw failed(`no such token '${name}' for user '${call.params.userid}'`)
  return token
}

const shownToken = ({ comment: note, expire: until, privsep }: Token): object => ({
  privsep,
  expire: until ?? 0,
  ...(note !== undefined && { comment: note }),
})

function shownUser({ tokens: _, passwordHash: __, ...user }: User): Record<string, unknown> {
  return { ...user, expire: user.expire ?? 0 }
}

function setProfile(user: User, { params }: Call): void {
  for (const key of ['comment', 'email', 'firstname', 'lastname'] as const) {
    const value = text(params, key)
    if (value !== undefined) user[key] = value
  }
  if (params.enable !== undefined) user.enable = flag(params, 'enable') ? 1 : 0
  if (params.expire !== undefined) user.expire = Number(params.expire)
  const groups = text(params, 'groups')
  if (groups === undefined) return
  user.groups = [...(flag(params, 'append') ? user.groups : []), ...splitList(groups)]
}

export const userEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/access/users',
    permission: 'all',
    parameters: { enabled: boolean({ optional: true }), full: boolean({ optional: true }) },
    handle: call =>
      Object.entries(call.world.state.users)
        .filter(([id]) => isModifier(call) || id === splitToken(call.who).user)
        .map(([id, user]) => ({ userid: id, ...shownUser(user), groups: user.groups.join(',') })),
  },
  {
    method: 'POST',
    path: '/access/users',
    permission: mayModify,
    parameters: { ...profile, password: string({ optional: true, minLength: 8, maxLength: 64 }) },
    handle(call) {
      const { world, params } = call
      const id = need(params, 'userid')
      if (Object.hasOwn(world.state.users, id)) throw failed(`create user failed: user '${id}' already exists`)
      const user: User = { enable: 1, groups: [], tokens: {} }
      setProfile(user, call)
      const password = text(params, 'password')
      if (password !== undefined) user.passwordHash = hashSecret(password)
      world.state.users[id] = user
      world.store.save()
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/users/{userid}',
    permission: ({ world, who }) => requireAny(world.state, who, '/access/groups', ['User.Modify', 'Sys.Audit']),
    parameters: { userid },
    handle: call => ({ ...shownUser(userOf(call)), tokens: Object.keys(userOf(call).tokens) }),
  },
  {
    method: 'PUT',
    path: '/access/users/{userid}',
    permission: mayModify,
    parameters: { ...profile, append: boolean({ optional: true, requires: 'groups' }) },
    handle(call) {
      setProfile(userOf(call), call)
      call.world.store.save()
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/users/{userid}',
    permission: mayModify,
    parameters: { userid },
    handle(call) {
      const { world, params } = call
      userOf(call)
      const id = need(params, 'userid')
      delete world.state.users[id]
      world.state.acl = world.state.acl.filter(({ who }) => who !== id && !who.startsWith(`${id}!`))
      world.store.save()
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/users/{userid}/token',
    permission: mayModifySelf,
    parameters: { userid },
    handle: call => Object.entries(userOf(call).tokens).map(([id, token]) => ({ tokenid: id, ...shownToken(token) })),
  },
  {
    method: 'GET',
    path: '/access/users/{userid}/token/{tokenid}',
    permission: mayModifySelf,
    parameters: { userid, tokenid },
    handle: call => shownToken(tokenOf(call)),
  },
  {
    method: 'POST',
    path: '/access/users/{userid}/token/{tokenid}',
    permission: mayModifySelf,
    parameters: { userid, tokenid, comment, expire, privsep: boolean({ optional: true }) },
    handle(call) {
      const { params } = call
      const id = need(params, 'userid')
      const name = need(params, 'tokenid')
      const user = userOf(call)
      if (Object.hasOwn(user.tokens, name)) throw failed(`Token already exists.`)
      const value = randomUUID()
      const token: Token = { privsep: params.privsep === 0 ? 0 : 1, secretHash: hashSecret(value) }
      const note = text(params, 'comment')
      if (note !== undefined) token.comment = note
      if (params.expire !== undefined) token.expire = Number(params.expire)
      user.tokens[name] = token
      call.world.store.save()
      return { 'full-tokenid': `${id}!${name}`, value, info: shownToken(token) }
    },
  },
  {
    method: 'PUT',
    path: '/access/users/{userid}/token/{tokenid}',
    permission: mayModifySelf,
    parameters: {
      userid,
      tokenid,
      comment,
      delete: string({ optional: true, format: 'pve-configid-list' }),
      expire,
      privsep: boolean({ optional: true }),
    },
    handle(call) {
      const token = tokenOf(call)
      const note = text(call.params, 'comment')
      if (note !== undefined) token.comment = note
      if (call.params.expire !== undefined) token.expire = Number(call.params.expire)
      if (call.params.privsep !== undefined) token.privsep = flag(call.params, 'privsep') ? 1 : 0
      call.world.store.save()
      return shownToken(token)
    },
  },
  {
    method: 'DELETE',
    path: '/access/users/{userid}/token/{tokenid}',
    permission: mayModifySelf,
    parameters: { userid, tokenid },
    handle(call) {
      tokenOf(call)
      const { world, params } = call
      delete userOf(call).tokens[need(params, 'tokenid')]
      world.state.acl = world.state.acl.filter(({ who }) => who !== `${params.userid}!${params.tokenid}`)
      world.store.save()
      return null
    },
  },
]
