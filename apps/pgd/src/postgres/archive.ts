import { setTimeout as sleep } from 'node:timers/promises'
import { PgdError } from '../errors/error.ts'
import type { Session } from './connect.ts'
import { cancelled } from './failure.ts'
import { parseLsn, segmentAt, segmentName } from './wal.ts'

/** A file that the archiver could not archive since it last could any, and when it tried, milliseconds since 1970. */
export interface ArchiveFailure {
  readonly file: string
  readonly time: number
}

/** Milliseconds that the archive may take for one segment. */
const usualLimit = 60_000

/**
 * Brings all that was committed until now into the archive, and gives the last segment of it. A transaction of its own comes
 * last, so that recovery to any instant before this call finds a commit after it. Rejects with `PGD_SERVER_FAILED` where
 * the archiver fails meanwhile, `PGD_TIMED_OUT` where it is not done in time.
 */
export async function archiveNow(session: Session, signal?: AbortSignal, limit: number = usualLimit): Promise<string> {
  const before = await archiveFailure(session)
  await session.query('SELECT pg_current_xact_id()')
  const timeline = await session.value<string>('SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)')
  const size = await session.value<string>("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")
  const end = parseLsn((await session.value<string>('SELECT pg_switch_wal()::text')) ?? '') ?? 0n
  // The position is that after the last byte, which may be the first of the next segment.
  const bytes = Number(size)
  const segment = segmentName(segmentAt(Number.parseInt(timeline ?? '', 16), end - 1n, bytes), bytes)
  const until = performance.now() + limit
  for (let pause = 5; !(await isArchived(session, segment)); pause = Math.min(pause * 1.5, 100)) {
    const failure = await archiveFailure(session)
    if (failure !== undefined && failure.time !== before?.time) {
      const hint = 'The log of the server says why: pgd branch log'
      throw new PgdError('PGD_SERVER_FAILED', `the server cannot archive ${failure.file}`, { hint })
    }
    if (performance.now() > until) {
      throw new PgdError('PGD_TIMED_OUT', `${segment} was not archived within ${Math.round(limit / 1000)} s`)
    }
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => {})
    if (signal?.aborted) throw cancelled(signal)
  }
  return segment
}

/** The archiver's own notes: it names a segment `ready` until it has archived it. Its statistics come later. */
const isArchived = async (session: Session, segment: string): Promise<boolean> =>
  (await session.query('SELECT FROM pg_ls_archive_statusdir() WHERE name = $1', [`${segment}.ready`])).length === 0

/** Asks whether the archiver fails now; undefined when it does not. */
export async function archiveFailure(session: Session): Promise<ArchiveFailure | undefined> {
  const [row] = await session.query<{ file: string; time: string }>(
    `SELECT last_failed_wal AS file, (extract(epoch FROM last_failed_time) * 1000)::bigint AS time
       FROM pg_stat_archiver
      WHERE last_failed_wal IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity')`,
  )
  return row === undefined ? undefined : { file: row.file, time: Number(row.time) }
}
