import { z } from 'zod'
import { define } from '../request/definition.ts'
import { count, maybe, nothing, of, rows, string, truth } from '../request/lenient.ts'
import { beside, bool, int, kind, list, optional, words } from '../request/parameter.ts'
import * as names from '../values/names.ts'
import { Secret } from '../values/secret.ts'
import { role, user } from './parameters.ts'

const tokenid = kind('tokenid', names.tokenName)
const path = kind('path', names.aclPath)
const privileges = list(kind('privilege', names.privilege), 0)
const group = kind('groupid', names.roleId)
const anyone = kind('userid', (value, field) =>
  value.includes('!') ? names.fullTokenId(value, field) : names.userId(value, field),
)
const expire = int(0, 4_102_444_800)
const comment = words(1000)

const userRow = z.object({
  userid: string,
  enable: maybe(truth),
  expire: maybe(count),
  comment: maybe(string),
  'realm-type': maybe(string),
})

/** A user; `expire` in seconds since 1970, 0 is never. */
export type User = z.infer<typeof userRow>

const tokenInfo = z.object({ comment: maybe(string), expire: maybe(count), privsep: maybe(truth) })
const tokenRow = tokenInfo.extend({ tokenid: of(names.tokenName) })

/** A token of a user; with `privsep` it has rights of its own only, which are never more than those of the user. */
export type ApiToken = z.infer<typeof tokenRow>

const newToken = z
  .object({ 'full-tokenid': of(names.fullTokenId), value: string, info: maybe(tokenInfo) })
  .transform(({ 'full-tokenid': id, value, info }) => ({ id, secret: new Secret(value), info }))

/** A token that was just made: Proxmox never shows the secret again. */
export type NewToken = z.infer<typeof newToken>

const split = (text: string): string[] => text.split(/[,;\s]+/).filter(part => part !== '')
const roleRow = z.object({
  roleid: of(names.roleId),
  privs: maybe(string.transform(split)),
  special: maybe(truth),
})

/** A role; `special` ones are built in. */
export type Role = z.infer<typeof roleRow>

const aclRow = z.object({
  path: string,
  type: z.enum(['user', 'group', 'token']).or(string.transform(() => 'unknown' as const)),
  ugid: string,
  roleid: string,
  propagate: maybe(truth),
})

/** A role on a path, for a user, group or token. */
export type AclEntry = z.infer<typeof aclRow>

const permissions = z.record(z.string(), z.record(z.string(), truth))

/** Privileges by path; the value says whether they hold below the path, too. */
export type Permissions = z.infer<typeof permissions>

export const access = {
  users: define('GET', '/access/users', { enabled: optional(bool) }, rows(userRow)),
  createUser: define(
    'POST',
    '/access/users',
    { userid: user, comment: optional(comment), enable: optional(bool), expire: optional(expire) },
    nothing,
  ),
  removeUser: define('DELETE', '/access/users/{userid}', { userid: user }, nothing),
  tokens: define('GET', '/access/users/{userid}/token', { userid: user }, rows(tokenRow)),
  createToken: define(
    'POST',
    '/access/users/{userid}/token/{tokenid}',
    { userid: user, tokenid, comment: optional(comment), expire: optional(expire), privsep: optional(bool) },
    newToken,
  ),
  removeToken: define('DELETE', '/access/users/{userid}/token/{tokenid}', { userid: user, tokenid }, nothing),
  roles: define('GET', '/access/roles', {}, rows(roleRow)),
  createRole: define('POST', '/access/roles', { roleid: role, privs: optional(privileges) }, nothing),
  /** Sets the privileges, or adds them with `append`. */
  updateRole: define(
    'PUT',
    '/access/roles/{roleid}',
    { roleid: role, privs: optional(privileges), append: beside('privs', bool) },
    nothing,
  ),
  removeRole: define('DELETE', '/access/roles/{roleid}', { roleid: role }, nothing),
  /** Entries of paths that the token may change rights of. */
  acl: define('GET', '/access/acl', {}, rows(aclRow)),
  /** Gives roles on a path, or takes them away with `delete`. */
  setAcl: define(
    'PUT',
    '/access/acl',
    {
      path,
      roles: list(role),
      users: optional(list(user)),
      tokens: optional(list(kind('token id', names.fullTokenId))),
      groups: optional(list(group)),
      propagate: optional(bool),
      delete: optional(bool),
    },
    nothing,
  ),
  /** Of the token itself, or of another user or token (Sys.Audit on /access). */
  permissions: define(
    'GET',
    '/access/permissions',
    { path: optional(path), userid: optional(anyone) },
    z.preprocess(value => value ?? {}, permissions),
  ),
}
