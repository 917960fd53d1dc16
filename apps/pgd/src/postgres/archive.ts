import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PgdError } from '../errors/error.ts'
import { walPosition } from './checkpoint.ts'
import type { Session } from './connect.ts'
import { cancelled } from './failure.ts'
import { parseLsn, segmentAt, segmentName } from './wal.ts'

/** What the archiver says of itself. */
export interface Archiver {
  /** Last file that it could not archive since it last could, and when, in milliseconds since 1970. */
  readonly failed?: { readonly file: string; readonly time: number }
}

/**
 * Brings all that was committed until now into the archive, and gives the last segment of it. A transaction of its own comes
 * last, so that recovery to any instant before this call finds a commit after it. `wal` is the archive as this process
 * sees it. Rejects with `PGD_SERVER_FAILED` where the archiver fails, `PGD_TIMED_OUT` where it is not done in time.
 */
export async function forceArchive(
  session: Session,
  wal: string,
  { limit = 60_000, signal }: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const before = await archiver(session)
  await session.query('SELECT pg_current_xact_id()')
  const { timeline, size } = await walPosition(session)
  const [row] = await session.query<{ lsn: string }>('SELECT pg_switch_wal()::text AS lsn')
  const end = parseLsn(row?.lsn ?? '') ?? 0n
  // The position is that after the last byte, which may be the first of the next segment.
  const segment = segmentName(segmentAt(timeline, end - 1n, size), size)
  const until = performance.now() + limit
  for (let pause = 5; !(await exists(join(wal, segment))); pause = Math.min(pause * 1.5, 100)) {
    if (signal?.aborted) throw cancelled(signal)
    const { failed } = await archiver(session)
    if (failed !== undefined && failed.time !== before.failed?.time) {
      const message = `the server cannot archive ${failed.file}`
      throw new PgdError('PGD_SERVER_FAILED', message, { hint: 'See the log of the server: pgd branch log' })
    }
    if (performance.now() > until) {
      throw new PgdError('PGD_TIMED_OUT', `${segment} was not archived within ${Math.round(limit / 1000)} s`)
    }
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => {})
  }
  return segment
}

/** Asks whether the archiver fails now. */
export async function archiver(session: Session): Promise<Archiver> {
  const [row] = await session.query<{ file: string; time: string }>(
    `SELECT last_failed_wal AS file, (extract(epoch FROM last_failed_time) * 1000)::bigint AS time
       FROM pg_stat_archiver
      WHERE last_failed_wal IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity')`,
  )
  return row === undefined ? {} : { failed: { file: row.file, time: Number(row.time) } }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
