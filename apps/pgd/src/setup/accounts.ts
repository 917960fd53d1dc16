import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { invalid } from '../names/invalid.ts'
import type { Step } from './step.ts'
import type { System } from './system.ts'
import type { Wish } from './wish.ts'

/** The group whose members may use pgd, and its members. Throws `PGD_INPUT_INVALID` for an account that is not there. */
export async function accountSteps(system: System, { group, users }: Wish): Promise<Step[]> {
  const gid = await gidOf(system, group)
  if (gid === 0) throw invalid('group', group, 'is the group of root')
  const members = await Promise.all(users.map(user => memberStep(system, group, user)))
  return [
    {
      title: `the group ${group}`,
      why: 'its members may branch databases, nobody else',
      commands: [['/usr/sbin/groupadd', '--system', group]],
      isDone: async () => (await gidOf(system, group)) !== undefined,
    },
    ...members,
  ]
}

async function memberStep(system: System, group: string, user: string): Promise<Step> {
  const entry = await lookUp(system, 'passwd', user)
  if (entry === undefined) throw invalid('user', user, 'is no account of this machine')
  if (Number(entry[2]) === 0) throw invalid('user', user, 'is root, which PostgreSQL refuses')
  return {
    title: `${user} as a member of ${group}`,
    why: 'from the next login on',
    commands: [['/usr/bin/gpasswd', '--add', user, group]],
    isDone: async () => {
      const { stdout } = await system.run(['/usr/bin/id', '-nG', '--', user])
      return stdout.trim().split(/\s+/).includes(group)
    },
  }
}

async function gidOf(system: System, group: string): Promise<number | undefined> {
  const entry = await lookUp(system, 'group', group)
  return entry === undefined ? undefined : Number(entry[2])
}

/** Fields of an entry of passwd(5) or group(5), from wherever the machine has them. */
async function lookUp(system: System, database: string, name: string): Promise<readonly string[] | undefined> {
  const { exitCode, stdout, stderr } = await system.run(['/usr/bin/getent', database, name])
  if (exitCode === 0) return stdout.trim().split(':')
  // getent(1): one of the keys was not there.
  if (exitCode === 2) return undefined
  throw new PgdError('PGD_PROGRAM_FAILED', `getent ${database} failed: ${escapeValue(stderr)}`, { program: 'getent' })
}
