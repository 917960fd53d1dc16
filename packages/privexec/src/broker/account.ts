import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { Policy } from '../policy/policy.ts'

/** The account that this process runs as. */
export interface Account {
  readonly uid: number
  readonly name: string
  /** Whether the policy is for it; true also where that cannot be told, since sudo decides in the end. */
  readonly isPrincipal: boolean
  /** Process id of the one who asks, where it is not this process. */
  readonly pid?: number
}

/** Looks up the account of this process, and whether it is the principal of the policy. Root may use any policy. */
export async function currentAccount(policy: Policy): Promise<Account> {
  const { uid, username: name } = userInfo()
  const isPrincipal = uid === 0 || (await matches(policy, name))
  return { uid, name, isPrincipal }
}

async function matches({ principal }: Policy, user: string): Promise<boolean> {
  if (principal.kind === 'user') return principal.name === user
  const groups = await readFile('/etc/group', 'utf8').catch(() => '')
  const line = groups.split('\n').find(entry => entry.startsWith(`${principal.name}:`))
  const id = Number(line?.split(':')[2])
  return line === undefined || (process.getgroups?.().includes(id) ?? true) || process.getgid?.() === id
}
