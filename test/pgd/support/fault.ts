import type { Test } from 'tap'
import type { Account, End } from './account.ts'

/** What an error must be. */
export interface Wanted {
  readonly code: string
  readonly exit: number
  readonly message?: RegExp
  readonly field?: string
}

/** Runs `pgd` where it must fail, and looks that the error is of use: code, message, what to do, and exit status. */
export async function fails(t: Test, account: Account, wanted: Wanted, ...args: readonly string[]): Promise<End> {
  const end = await account.pgd(...args)
  const title = args.join(' ')
  const { exit, json, stderr } = end
  t.equal(exit, wanted.exit, `${title}: ${stderr}`)
  const { error = {} } = json ?? {}
  t.equal(error.code, wanted.code, title)
  t.match(error.message, wanted.message ?? /\w/, title)
  t.match(error.hint, /\w/, `${title}: a hint`)
  t.notMatch(error.message, /[^ -~]/, `${title}: nothing but what is printed`)
  if (wanted.field !== undefined) t.equal(error.field, wanted.field, title)
  return end
}
