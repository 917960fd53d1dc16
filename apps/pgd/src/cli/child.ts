import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec'
import type { Connection } from '../api.ts'
import { PgdError } from '../errors/error.ts'

/**
 * Runs a program of the user's with a branch in its environment: DATABASE_URL with the password, and what libpq reads, with
 * the password in a file that only this account may read. Terminal and signals are the program's. Returns its exit status,
 * 128 and more for a signal.
 */
export async function runWith(
  connection: Connection,
  [program, ...args]: readonly [string, ...string[]],
): Promise<number> {
  const { host, port, user, database, password, sslRootCert, url } = connection
  const place = await mkdtemp(join(tmpdir(), 'pgd-'))
  // Signals reach the program by the terminal; this process stays until it has ended, to clean up.
  const ignore = (): void => {}
  try {
    const passFile = join(place, 'pgpass')
    await writeFile(passFile, `${host}:${port}:*:${user}:${password}\n`, { mode: 0o600 })
    const env = {
      ...process.env,
      DATABASE_URL: url,
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGDATABASE: database,
      PGPASSFILE: passFile,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: sslRootCert,
    }
    const child = spawn(program, args, { stdio: 'inherit', env })
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
    process.on('SIGINT', ignore)
    for (const name of forwarded) process.on(name, forward)
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
      return code ?? 128 + constants.signals[signal ?? 'SIGKILL']
    } catch (cause) {
      const message = `${escapeValue(program)} cannot be run: ${(cause as Error).message}`
      throw new PgdError('PGD_PROGRAM_FAILED', message, { program, cause })
    } finally {
      process.off('SIGINT', ignore)
      for (const name of forwarded) process.off(name, forward)
    }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

const forwarded = ['SIGTERM', 'SIGHUP'] as const
