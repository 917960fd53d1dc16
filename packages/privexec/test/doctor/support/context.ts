import { join } from 'node:path'
import type { Account } from '../../../src/doctor/accounts.ts'
import type { Context } from '../../../src/doctor/context.ts'
import type { Finding, Level } from '../../../src/doctor/finding.ts'
import { loadPolicy } from '../../../src/policy/load.ts'
import { type Pretence, pretend } from './machine.ts'

const folder = join(import.meta.dirname, '../../../../../policies')

export const appstore = await loadPolicy(join(folder, 'appstore.yaml'))
export const pgd = await loadPolicy(join(folder, 'pgd.yaml'))

export const service: Account = { name: 'appstore', uid: 995, gid: 995, groups: ['appstore'], groupIds: [995] }
export const alice: Account = { name: 'alice', uid: 1001, gid: 1001, groups: ['alice', 'pgd'], groupIds: [1001, 994] }

/** A context for one check, on a pretended machine. */
export const contextOf = (machine: Pretence, more: Partial<Context> = {}): Context => ({
  policy: appstore,
  others: [],
  accounts: [service],
  group: 995,
  now: 1_000_000_000,
  ...more,
  machine: pretend(machine),
})

/** The messages of one level. */
export const messages = (list: readonly Finding[], level: Level): string[] =>
  list.filter(each => each.level === level).map(({ message }) => message)
