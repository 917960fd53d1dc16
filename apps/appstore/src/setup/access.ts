import { escapeValue } from '@broker/privexec/escape'
import { calls, type Proxmox } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import type { Machine } from './machine.ts'
import { paths } from './paths.ts'
import { privilegesOf, type RoleName, roleNames } from './privileges.ts'
import { api, type Step } from './step.ts'
import { comment } from './texts.ts'
import { tokenName, type Wish } from './wish.ts'

/** A role that a user or token has on a path. */
interface Entry {
  readonly path: string
  readonly role: RoleName
}

/** The paths on which the store has rights, and the role on each. */
export const entriesOf = ({ pool, storages, bridges }: Pick<Wish, 'pool' | 'storages' | 'bridges'>): Entry[] => [
  { path: `/pool/${pool}`, role: 'AppStoreGuests' },
  ...storages.map(id => ({ path: `/storage/${id}`, role: 'AppStoreStorage' as const })),
  ...bridges.map(id => ({ path: `/sdn/zones/localnetwork/${id}`, role: 'AppStoreBridge' as const })),
]

/** What the node needs: pool, roles, user, token, rights. What exists and is not the setup's is an error. */
export async function accessSteps(proxmox: Proxmox, machine: Machine, wish: Wish): Promise<Step[]> {
  // Proxmox shows a secret once: without the file, a token is of no use. It is made anew, which takes its rights away.
  const isThere = await hasToken(proxmox, wish.user)
  const isRenewed = isThere && !(await hasFile(machine, wish))
  return [
    await poolStep(proxmox, wish),
    ...(await Promise.all(roleNames.map(role => roleStep(proxmox, wish, role)))),
    await userStep(proxmox, wish),
    tokenStep(proxmox, machine, wish, isThere),
    await rightsStep(proxmox, wish, isRenewed),
  ]
}

async function poolStep(proxmox: Proxmox, { pool }: Wish): Promise<Step> {
  const find = async () => (await proxmox.pools.list()).find(({ poolid }) => poolid === pool)
  const present = await find()
  if (present !== undefined && present.comment !== comment) {
    const [{ members = [] } = {}] = await proxmox.pools.list({ poolid: present.poolid })
    if (members.length > 0) {
      throw new AppstoreError('APPSTORE_FOREIGN', `The pool ${pool} has members, and was not made by appstore setup`, {
        field: 'pool',
        hint: 'Name another pool: the store gets rights on all that is in it',
      })
    }
  }
  return {
    title: `the pool ${pool}`,
    why: 'the store has rights on guests in it, and on no others',
    changes: [api(calls.pools.create.call({ poolid: pool as never, comment }))],
    isDone: async () => (await find()) !== undefined,
  }
}

async function roleStep(proxmox: Proxmox, { user }: Wish, role: RoleName): Promise<Step> {
  const wanted = privilegesOf(role)
  const find = async () => (await proxmox.access.roles()).find(({ roleid }) => roleid === role)
  const present = await find()
  const input = { roleid: role as never, privs: wanted as never[] }
  const others = (await proxmox.access.acl()).filter(({ roleid, ugid }) => roleid === role && !isOf(ugid, user))
  if (present !== undefined && !isSame(present.privs, wanted) && others.length > 0) {
    throw new AppstoreError(
      'APPSTORE_EXISTS',
      `The role ${role} has other privileges, and ${escapeValue(others[0]?.ugid)} has it, too`,
      { field: 'user' },
    )
  }
  return {
    title: `the role ${role}`,
    why: wanted.join(', '),
    changes: [api((present === undefined ? calls.access.createRole : calls.access.updateRole).call(input))],
    isDone: async () => isSame((await find())?.privs, wanted),
  }
}

async function userStep(proxmox: Proxmox, { user }: Wish): Promise<Step> {
  const find = async () => (await proxmox.access.users()).find(({ userid }) => userid === user)
  const present = await find()
  if (present !== undefined && present.comment !== comment) {
    throw new AppstoreError('APPSTORE_EXISTS', `The user ${user} of Proxmox was not made by appstore setup`, {
      field: 'user',
      hint: 'Name another one with --user',
    })
  }
  return {
    title: `the user ${user} of Proxmox`,
    why: 'it has no password; its token has no rights beyond its own',
    changes: [api(calls.access.createUser.call({ userid: user as never, comment, enable: true }))],
    isDone: async () => (await find()) !== undefined,
  }
}

function tokenStep(proxmox: Proxmox, machine: Machine, wish: Wish, isThere: boolean): Step {
  const { user, token } = wish
  const input = { userid: user as never, tokenid: tokenName as never }
  const create = calls.access.createToken.call({ ...input, comment, privsep: true })
  return {
    title: `the token ${token}, in ${paths.token}`,
    why: 'the daemon logs in with it; the file is of root, and readable to the daemon',
    changes: [
      ...(isThere ? [api(calls.access.removeToken.call(input))] : []),
      { kind: 'token', call: create, id: token, path: paths.token },
    ],
    isDone: async () => (await hasFile(machine, wish)) && (await hasToken(proxmox, user)),
  }
}

const hasFile = async (machine: Machine, { token }: Wish): Promise<boolean> =>
  (await machine.read(paths.token))?.startsWith(`${token}=`) === true

async function rightsStep(proxmox: Proxmox, wish: Wish, isRenewed: boolean): Promise<Step> {
  const { user, token } = wish
  const wanted = entriesOf(wish)
  const both = { users: [user as never], tokens: [token as never] }
  const difference = async () => {
    const present = (await proxmox.access.acl()).filter(({ ugid }) => isOf(ugid, user))
    const has = (ugid: string, { path, role }: Entry): boolean =>
      present.some(entry => entry.ugid === ugid && entry.path === path && entry.roleid === role)
    return {
      lacking: wanted.filter(entry => !has(user, entry) || !has(token, entry)),
      extra: present.filter(({ path, roleid }) => !wanted.some(entry => entry.path === path && entry.role === roleid)),
    }
  }
  const { lacking, extra } = await difference()
  const given = isRenewed ? wanted : lacking
  return {
    title: `the rights of ${user} and its token`,
    why: wanted.map(({ path, role }) => `${role} on ${path}`).join(', '),
    changes: [
      ...given.map(({ path, role }) =>
        api(calls.access.setAcl.call({ path: path as never, roles: [role as never], ...both, propagate: true })),
      ),
      ...extra
        .filter(({ ugid }) => !isRenewed || ugid !== token)
        .map(({ path, roleid, ugid }) =>
          api(
            calls.access.setAcl.call({
              path: path as never,
              roles: [roleid],
              ...(ugid === user ? { users: both.users } : { tokens: [ugid as never] }),
              delete: true,
            }),
          ),
        ),
    ],
    isUndoneBefore: isRenewed,
    isDone: async () => {
      const now = await difference()
      return now.lacking.length === 0 && now.extra.length === 0
    },
  }
}

/** Whether the user is there and has the token. */
export async function hasToken(proxmox: Proxmox, user: string): Promise<boolean> {
  if (!(await proxmox.access.users()).some(({ userid }) => userid === user)) return false
  return (await proxmox.access.tokens({ userid: user as never })).some(({ tokenid }) => tokenid === tokenName)
}

/** Whether an entry of the access control is of the user or of one of its tokens. */
export const isOf = (ugid: string, user: string): boolean => ugid === user || ugid.startsWith(`${user}!`)

const isSame = (present: readonly string[] | undefined, wanted: readonly string[]): boolean =>
  present !== undefined && [...present].sort().join() === wanted.join()
