import { call } from '../auxiliary/call.ts'
import { type PasswdEntry, parsePasswd } from '../auxiliary/passwd.ts'

const getent = '/usr/bin/getent'

/** Looks up a user, in whatever source the machine has (nsswitch.conf); undefined when there is none. */
export async function findUser(name: string): Promise<PasswdEntry | undefined> {
  return parsePasswd(await ask('passwd', name))[0]
}

/** Looks up a group by name or number; undefined when there is none. */
export async function findGroup(key: string | number): Promise<{ name: string; gid: number } | undefined> {
  const line = await groupLine(String(key))
  const [name = '', , gid] = line?.split(':') ?? []
  return line === undefined ? undefined : { name, gid: Number(gid) }
}

/** A user to ask sudo about: the one named, or some member of a group. */
export async function memberOf(whom: { user: string } | { group: string }): Promise<string | undefined> {
  if ('user' in whom) return (await findUser(whom.user))?.name
  const line = await groupLine(whom.group)
  if (line === undefined) return undefined
  const [, , gid, members = ''] = line.split(':')
  const named = members.split(',').find(name => name !== '')
  if (named !== undefined) return named
  return parsePasswd(await ask('passwd')).find(user => user.gid === Number(gid))?.name
}

/** Names of all groups of an account. */
export async function groupsOf(user: string): Promise<string[]> {
  const { stdout } = await call('/usr/bin/id', ['-nG', '--', user])
  return stdout.trim().split(' ').filter(Boolean)
}

const groupLine = async (key: string): Promise<string | undefined> =>
  (await ask('group', key)).split('\n').find(line => line !== '')

async function ask(database: 'passwd' | 'group', name?: string): Promise<string> {
  const { stdout } = await call(getent, name === undefined ? [database] : [database, '--', name])
  return stdout
}
