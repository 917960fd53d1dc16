import { lstat, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'

/** What a data directory says of itself. */
export interface DataDirectory {
  /** Major version of PostgreSQL. */
  readonly version: number
  /** Whether its server was shut down in good order; otherwise the next one recovers. */
  readonly isShutDown: boolean
}

/** `DB_SHUTDOWNED` of catalog/pg_control.h, and where its field stands, behind two numbers of 4 and one of 8 bytes. */
const shutDown = { value: 1, at: 16 }

/**
 * Reads a data directory that was made by others; undefined when it is none that this account can read. Rejects with
 * `PGD_FOREIGN` for what no branch may have: links to tablespaces or WAL elsewhere, in which two servers would meet, and
 * a standby, which waits for its primary.
 */
export async function readDataDirectory(path: string): Promise<DataDirectory | undefined> {
  const text = await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => undefined)
  const version = /^(\d\d)\n?$/.exec(text ?? '')?.[1]
  const control = await readControl(join(path, 'global/pg_control')).catch(() => undefined)
  if (version === undefined || control === undefined) return undefined
  const refuse = (why: string, hint: string) =>
    new PgdError('PGD_FOREIGN', `${escapeValue(path, 300)} ${why}`, { hint })
  const spaces = await readdir(join(path, 'pg_tblspc')).catch(() => [])
  if (spaces.length > 0) throw refuse('has tablespaces elsewhere', 'Move their tables into pg_default first')
  if ((await lstat(join(path, 'pg_wal'))).isSymbolicLink()) {
    throw refuse('has its WAL elsewhere', 'Put it into pg_wal itself, while the server is stopped')
  }
  if (await lstat(join(path, 'standby.signal')).catch(() => undefined)) {
    throw refuse('is of a standby', 'Promote that server first, or import from it: pgd import --from-server')
  }
  const state = endianness() === 'LE' ? control.readInt32LE(shutDown.at) : control.readInt32BE(shutDown.at)
  return { version: Number(version), isShutDown: state === shutDown.value }
}

async function readControl(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0)
    if (bytesRead < 32) throw new Error('too short')
    return buffer
  } finally {
    await file.close()
  }
}

/** Debian keeps postgresql.conf elsewhere, and a server does not start without one; ours need nothing in it. */
export async function ensureConfiguration(path: string): Promise<void> {
  await writeFile(join(path, 'postgresql.conf'), '', { mode: 0o600, flag: 'a' })
}

/** Whether a process that this account may look at works in a directory, as all of a server do in theirs. Linux. */
export async function isWorkedIn(path: string): Promise<boolean> {
  const wanted = await stat(path)
  for (const pid of (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))) {
    const found = await stat(`/proc/${pid}/cwd`).catch(() => undefined)
    if (found?.ino === wanted.ino && found.dev === wanted.dev) return true
  }
  return false
}
