import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import type { Connection } from '../api.ts'
import { PgdError } from '../errors/error.ts'
import { temporaryDirectory } from '../locks/temporary.ts'

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
  const place = await temporaryDirectory()
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
    const release = leaveSignalsTo(child)
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
      return code ?? 128 + constants.signals[signal ?? 'SIGKILL']
    } catch (cause) {
      const message = `${escapeValue(program)} cannot be run: ${(cause as Error).message}`
      throw new PgdError('PGD_PROGRAM_FAILED', message, { program, cause })
    } finally {
      release()
    }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/**
 * While a program runs, signals are its own and end nothing here, however often they come: this process stays until the
 * program has ended, to clean up. The terminal sends SIGINT to both; the others are passed on. Returns the way back.
 */
function leaveSignalsTo(child: ChildProcess): () => void {
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  const held = [
    { name: 'SIGINT', own: () => {} },
    { name: 'SIGTERM', own: forward },
    { name: 'SIGHUP', own: forward },
  ].map(({ name, own }) => ({ name, own, before: process.listeners(name as NodeJS.Signals) }))
  // The new listener first: with none, even for a moment, a signal ends the process.
  for (const { name, own, before } of held) {
    process.on(name, own)
    for (const listener of before) process.off(name, listener)
  }
  return () => {
    for (const { name, own, before } of held) {
      for (const listener of before) process.on(name, listener)
      process.off(name, own)
    }
  }
}
