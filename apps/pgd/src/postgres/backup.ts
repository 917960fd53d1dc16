import { PgdError } from '../errors/error.ts'
import type { Frozen, FrozenEnd } from '../store/store.ts'
import type { Session } from './connect.ts'

/**
 * Runs a copy of a running server's files within its backup mode, and gives what the copy needs to recover: `backup_label`,
 * and `tablespace_map` where there is one. The mode ends with the session, so that a copy that fails, or whose process is
 * killed, leaves nothing behind. `pg_wal` is to be copied afterwards.
 */
export const copying =
  (session: Session): Frozen =>
  async (copy): Promise<FrozenEnd> => {
    const version = Number(await session.value<string>('SHOW server_version_num'))
    // Named anew in version 15; the third argument of the old one asks for the mode that is bound to the session.
    const [start, stop] =
      version >= 150_000
        ? ["pg_backup_start('pgd', true)", 'pg_backup_stop(false)']
        : ["pg_start_backup('pgd', true, false)", 'pg_stop_backup(false, false)']
    // However long the copy takes, which the session waits for. Version 13 has no limit of that kind.
    const limits = "('statement_timeout', 'idle_session_timeout')"
    await session.query(`SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ${limits}`)
    await session.query(`SELECT ${start}`)
    await copy()
    const [end] = await session.query<{ label: string; map: string | null }>(
      `SELECT labelfile AS label, spcmapfile AS map FROM ${stop}`,
    )
    await session.query('RESET statement_timeout')
    const [, firstSegment] = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$/m.exec(end?.label ?? '') ?? []
    if (end === undefined || firstSegment === undefined) {
      throw new PgdError('PGD_QUERY_FAILED', 'the server ended its backup mode without a label')
    }
    const map: Record<string, string> = end.map ? { tablespace_map: end.map } : {}
    return { files: { backup_label: end.label, ...map }, firstSegment }
  }
