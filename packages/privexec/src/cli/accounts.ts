import { call } from '../auxiliary/call.ts'

const getent = '/usr/bin/getent'

/** An account of this machine, from whatever source the machine has (nsswitch.conf). */
export interface UserEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Looks up a user; undefined when there is none. */
export async function findUser(name: string): Promise<UserEntry | undefined> {
  const [line] = await lines('passwd', name)
  return line === undefined ? undefined : userOf(line)
}

/** Looks up a group by name or number; undefined when there is none. */
export async function findGroup(key: string | number): Promise<{ name: string; gid: number } | undefined> {
  const [line] = await lines('group', String(key))
  const [name = '', , gid] = line?.split(':') ?? []
  return line === undefined ? undefined : { name, gid: Number(gid) }
}

/** A user to ask sudo about: the one named, or some member of a group. */
export async function memberOf(whom: { user: string } | { group: string }): Promise<string | undefined> {
  if ('user' in whom) return (await findUser(whom.user))?.name
  const [line] = await lines('group', whom.group)
  if (line === undefined) return undefined
  const [, , gid, members = ''] = line.split(':')
  const named = members.split(',').find(name => name !== '')
  if (named !== undefined) return named
  const users = (await lines('passwd')).map(userOf)
  return users.find(user => user.gid === Number(gid))?.name
}

async function lines(database: 'passwd' | 'group', name?: string): Promise<string[]> {
  const { stdout } = await call(getent, name === undefined ? [database] : [database, '--', name])
  return stdout.split('\n').filter(line => line !== '')
}

function userOf(line: string): UserEntry {
  const [name = '', , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}
