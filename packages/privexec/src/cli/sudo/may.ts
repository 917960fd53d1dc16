import { userInfo } from 'node:os'
import { call } from '../../auxiliary/call.ts'
import type { Policy } from '../../policy/policy.ts'
import { questionArguments } from '../../transport/sudo/argv.ts'
import { sudoPath } from '../../transport/sudo/paths.ts'
import { memberOf } from '../accounts.ts'

/** What sudo itself answers: for whom it was asked, or why it could not be. */
export type SudoAnswer =
  | { readonly asked: true; readonly user: string; readonly allowed: boolean; readonly said: string }
  | { readonly asked: false; readonly why: string }

/** Asks sudo whether the principal may run an argv; as root for the principal, otherwise for this account itself. */
export async function askSudo(policy: Policy, argv: readonly string[]): Promise<SudoAnswer> {
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? await someone(policy) : userInfo().username
  if (user === undefined)
    return { asked: false, why: `the ${policy.principal.kind} ${policy.principal.name} has no account here` }
  if (!isRoot && policy.principal.kind === 'user' && policy.principal.name !== user) {
    return { asked: false, why: `only root and ${policy.principal.name} may ask sudo about ${policy.principal.name}` }
  }
  const [never = '', list = '', ...rest] = questionArguments(policy, argv)
  const args = isRoot ? [never, list, '-U', user, ...rest] : [never, list, ...rest]
  const { missing, status, stdout, stderr } = await call(sudoPath, args)
  if (missing) return { asked: false, why: `${sudoPath} is not installed` }
  return { asked: true, user, allowed: status === 0, said: (stderr || stdout).trim() }
}

const someone = ({ principal }: Policy): Promise<string | undefined> =>
  memberOf(principal.kind === 'user' ? { user: principal.name } : { group: principal.name })
