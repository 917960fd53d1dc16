import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import type { Session } from '../postgres/connect.ts'
import { setPassword } from '../postgres/password.ts'
import { write } from './furnish.ts'
import { passwordFile } from './layout.ts'

/** File with a password that the server of a volume is about to be given. */
const pending = (volume: string): string => `${passwordFile(volume)}.new`

/** Gives the server of a volume another password. A kill in between is seen through by {@link settlePassword}. */
export async function changePassword(volume: string, session: Session, password: string): Promise<void> {
  await notePassword(volume, password)
  await settlePassword(volume, session)
}

/** Has a volume that is not ready yet keep a password, which its server is still to be given ({@link settlePassword}). */
export async function keepPassword(volume: string, password: string): Promise<void> {
  await Promise.all([write(passwordFile(volume), `${password}\n`), notePassword(volume, password)])
}

const notePassword = (volume: string, password: string): Promise<void> => write(pending(volume), `${password}\n`)

/** Whether a change of password was begun. */
export const isPasswordPending = (volume: string): boolean => existsSync(pending(volume))

/** Sees a change of password through, if one was begun. A text without its end was never the server's. */
export async function settlePassword(volume: string, session: Session): Promise<void> {
  const text = await readFile(pending(volume), 'utf8').catch(() => '')
  if (!text.endsWith('\n')) return rm(pending(volume), { force: true })
  await setPassword(session, text.trim())
  await rename(pending(volume), passwordFile(volume))
}
