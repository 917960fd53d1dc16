import { type PasswdEntry, parsePasswd } from '../auxiliary/passwd.ts'
import type { Principal } from '../policy/policy.ts'
import type { Machine } from './machine.ts'

/** An account that a policy is for. */
export interface Account extends PasswdEntry {
  /** Names of all its groups. */
  readonly groups: readonly string[]
  /** Ids of all its groups. */
  readonly groupIds: readonly number[]
}

/** The accounts behind a principal, and what could not be found out. */
export interface Accounts {
  readonly accounts: readonly Account[]
  /** Id of the principal's group: the group itself, or the account's own. */
  readonly group?: number
  readonly problem?: string
}

/** More members than this are not looked at one by one. */
export const mostAccounts = 50

/** Looks the principal up as the C library does, so that accounts of a directory service count too. */
export async function accountsOf(principal: Principal, machine: Machine): Promise<Accounts> {
  const getent = (...args: string[]) => machine.run(['/usr/bin/getent', ...args])
  const account = async (name: string): Promise<Account | undefined> => {
    const id = async (option: string) => {
      const { stdout } = await machine.run(['/usr/bin/id', option, '--', name])
      return stdout.trim().split(' ').filter(Boolean)
    }
    const [entry, groups, ids] = await Promise.all([getent('passwd', '--', name), id('-nG'), id('-G')])
    const [found] = parsePasswd(entry.stdout)
    return found && { ...found, groups, groupIds: ids.map(Number) }
  }
  if (principal.kind === 'user') {
    const found = await account(principal.name)
    if (found) return { accounts: [found], group: found.gid }
    return { accounts: [], problem: `There is no account ${principal.name}` }
  }
  const [, , id, members = ''] = (await getent('group', '--', principal.name)).stdout.trim().split(':')
  if (id === undefined) return { accounts: [], problem: `There is no group ${principal.name}` }
  const primary = parsePasswd((await getent('passwd')).stdout).filter(({ gid }) => gid === Number(id))
  const names = new Set([...members.split(',').filter(Boolean), ...primary.map(({ name }) => name)])
  const found = await Promise.all([...names].slice(0, mostAccounts).map(account))
  const accounts = found.filter(each => each !== undefined)
  const more = names.size - mostAccounts
  return {
    accounts,
    group: Number(id),
    ...(more > 0 ? { problem: `${more} more members of ${principal.name} were not looked at` } : {}),
  }
}
