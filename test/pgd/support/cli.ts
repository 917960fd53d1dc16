import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unprivileged } from '../../support/unprivileged.ts'
import { Account } from './account.ts'

export { type End, ended } from './account.ts'

/** The command, from its sources. */
export const main = fileURLToPath(new URL('../../../apps/pgd/src/cli/main.ts', import.meta.url))

/** Who a person is, where it is not somebody without ZFS and containers. */
export interface PersonOptions {
  /** An account of the throwaway host; nobody by default. */
  readonly account?: string
  /** Number of an account that may have no name. */
  readonly uid?: number
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** An account without rights, with a home of its own. */
export class Person extends Account {
  readonly uid: number

  constructor({ account, uid: wished, env = {} }: PersonOptions = {}) {
    const own = process.getuid?.() ?? 0
    const nobody = own || 65534
    const uid = wished ?? (account === undefined ? nobody : Number(execFileSync('id', ['-u', account])))
    const home = mkdtempSync(join(tmpdir(), 'pgd-test-'))
    const scratch = join(home, 'tmp')
    mkdirSync(scratch)
    if (own === 0) for (const path of [home, scratch]) chownSync(path, uid, uid)
    const usual = {
      HOME: home,
      TMPDIR: scratch,
      PATH: `${fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))}:/usr/local/bin:/usr/bin:/bin`,
      PGD_STORE: `directory:${join(home, 'store')}`,
      PGD_RUNTIME: 'process',
      NODE_OPTIONS: '--conditions=@broker/source',
      LC_ALL: 'C.UTF-8',
    }
    const named = ['setpriv', `--reuid=${account}`, `--regid=${account}`, '--init-groups', '--reset-env', '--']
    const numbered = unprivileged.map(word => word.replace('65534', String(uid)))
    const become = account === undefined ? numbered : named
    super({ become, env: { ...usual, ...env }, pgd: [process.execPath, main] })
    this.uid = uid
  }

  /** Ends servers that a test left, and removes all files. */
  leave(): void {
    for (const file of globSync(join(this.home, 'store/**/data/postmaster.pid'))) {
      const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
      if (pid > 1) spawnSync('kill', ['-QUIT', String(pid)])
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}
