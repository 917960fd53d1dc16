import { userInfo } from 'node:os'
import { isAbsolute } from 'node:path'
import { PgdError } from './errors/error.ts'

/** Home directory of this account. Rejects with `PGD_NOT_SET_UP` for one that neither HOME nor the system knows of. */
export function homeOf({ HOME = '' }: Readonly<Record<string, string | undefined>>): string {
  const home = isAbsolute(HOME) ? HOME : ofAccount()
  if (isAbsolute(home)) return home
  const message = `The account ${process.getuid?.()} has no home directory, and HOME names none`
  throw new PgdError('PGD_NOT_SET_UP', message, { hint: 'Set HOME to a directory of this account' })
}

/** As the system has it; empty for an account that it does not know. */
function ofAccount(): string {
  try {
    return userInfo().homedir
  } catch {
    return ''
  }
}
