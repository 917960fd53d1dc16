import type { Session } from './connect.ts'
import { type Lsn, parseLsn } from './wal.ts'

/** Where recovery of a copy that is made now begins, at the latest. */
export interface Checkpoint {
  readonly timeline: number
  /** Segment with the checkpoint's redo position. */
  readonly segment: string
  /** Redo position, as PostgreSQL writes it. */
  readonly redo: string
}

/** Writes all changes to the data files, so that a copy recovers fast, and tells where its recovery begins. */
export async function checkpoint(session: Session): Promise<Checkpoint> {
  await session.query('CHECKPOINT')
  return lastCheckpoint(session)
}

/** The last checkpoint that was completed. */
export async function lastCheckpoint(session: Session): Promise<Checkpoint> {
  const [row] = await session.query<{ timeline: number; segment: string; redo: string }>(
    'SELECT timeline_id AS timeline, redo_wal_file AS segment, redo_lsn::text AS redo FROM pg_control_checkpoint()',
  )
  if (row === undefined) throw new TypeError('pg_control_checkpoint() gave no row')
  return row
}

/** Bytes of a segment, and where the WAL ends. */
export async function walPosition(session: Session): Promise<{ timeline: number; size: number; lsn: Lsn }> {
  const [row] = await session.query<{ file: string; size: string; lsn: string }>(
    `SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS file, pg_current_wal_insert_lsn()::text AS lsn,
            (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS size`,
  )
  const lsn = parseLsn(row?.lsn ?? '')
  if (row === undefined || lsn === undefined) throw new TypeError('pg_current_wal_insert_lsn() gave no position')
  return { timeline: Number.parseInt(row.file.slice(0, 8), 16), size: Number(row.size), lsn }
}
