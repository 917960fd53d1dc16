import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PgdError } from '../../errors/error.ts'
import { homeOf } from '../../home.ts'
import { scratchName } from '../../locks/scratch.ts'

/** The account that containers run as: this one. */
export interface Account {
  readonly uid: number
  readonly gid: number
  /** File on the host that is `/etc/passwd` in its containers: images do not know this uid, and PostgreSQL asks. */
  readonly passwd: string
}

/** This account. Rejects with `PGD_REFUSED` for root, as which PostgreSQL does not run. */
export async function thisAccount(env: Readonly<Record<string, string | undefined>>): Promise<Account> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  if (uid === 0) {
    const hint = 'Use pgd as another account; PostgreSQL does not run as root'
    throw new PgdError('PGD_REFUSED', 'Servers in containers run as the account that calls pgd, and that is root', {
      hint,
    })
  }
  const base = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(homeOf(env), '.local/share')
  const directory = join(base, 'pgd', 'containers')
  const passwd = join(directory, 'passwd')
  const text = passwdText({ uid, gid })
  if ((await readFile(passwd, 'utf8').catch(() => '')) !== text) {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    // Under a name of its own first: two calls may do this at once.
    const scratch = scratchName(passwd)
    try {
      await writeFile(scratch, text, { mode: 0o644, flag: 'wx' })
      await rename(scratch, passwd)
    } finally {
      await rm(scratch, { force: true })
    }
  }
  return { uid, gid, passwd }
}

/** What containers call this account, whatever its name is on the host. */
export const containerAccount = 'postgres'

/** passwd(5) with this account alone. */
export const passwdText = ({ uid, gid }: Omit<Account, 'passwd'>): string =>
  `${containerAccount}:x:${uid}:${gid}::/tmp:/bin/sh\n`
