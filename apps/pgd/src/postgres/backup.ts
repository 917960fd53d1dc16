import { PgdError } from '../errors/error.ts'
import type { Frozen, FrozenEnd } from '../store/store.ts'
import { type ConnectOptions, type Session, withSession } from './connect.ts'

/** For a copy of a server that does not run: nobody needs to be told. */
export const notRunning: Frozen = async copy => {
  await copy()
  return undefined
}

/**
 * Runs a copy of a running server's files within its backup mode, and gives what the copy needs to recover: `backup_label`,
 * and `tablespace_map` where there is one. One session from begin to end: the mode ends with it, so that a copy that fails,
 * or whose process is killed, leaves nothing behind. `pg_wal` is to be copied afterwards.
 */
export const inBackup =
  (options: ConnectOptions, version: number): Frozen =>
  copy =>
    withSession({ ...options, statementTimeout: 0 }, session => backUp(session, version, copy))

async function backUp(session: Session, version: number, copy: () => Promise<void>): Promise<FrozenEnd> {
  // Named anew in version 15; the third argument of the old one asks for the mode that is bound to the session.
  const [start, stop] =
    version >= 15
      ? ["pg_backup_start('pgd', true)", 'pg_backup_stop(false)']
      : ["pg_start_backup('pgd', true, false)", 'pg_stop_backup(false, false)']
  await session.query(`SELECT ${start}`)
  await copy()
  const [end] = await session.query<{ labelfile: string; spcmapfile: string | null }>(
    `SELECT labelfile, spcmapfile FROM ${stop}`,
  )
  const [, firstSegment] = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$/m.exec(end?.labelfile ?? '') ?? []
  if (end === undefined || firstSegment === undefined) {
    throw new PgdError('PGD_QUERY_FAILED', 'the server ended its backup mode without a label')
  }
  const map: Record<string, string> = end.spcmapfile ? { tablespace_map: end.spcmapfile } : {}
  return { files: { backup_label: end.labelfile, ...map }, firstSegment }
}
