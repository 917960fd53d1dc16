import { spawnSync } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unprivileged } from '../../support/unprivileged.ts'
import { Account } from './account.ts'

export { type End, ended } from './account.ts'

/** The command, from its sources. */
export const main = fileURLToPath(new URL('../../../apps/pgd/src/cli/main.ts', import.meta.url))

/** An account without rights, with a home of its own, who has no ZFS and no containers. */
export class Person extends Account {
  constructor() {
    const home = mkdtempSync(join(tmpdir(), 'pgd-test-'))
    if (process.getuid?.() === 0) chownSync(home, 65534, 65534)
    const env = {
      HOME: home,
      PATH: `${fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))}:/usr/local/bin:/usr/bin:/bin`,
      PGD_STORE: `directory:${join(home, 'store')}`,
      PGD_RUNTIME: 'process',
      NODE_OPTIONS: '--conditions=@broker/source',
      LC_ALL: 'C.UTF-8',
    }
    super({ become: unprivileged, env, pgd: [process.execPath, main] })
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
