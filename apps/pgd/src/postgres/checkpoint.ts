import type { Session } from './connect.ts'

/** Where recovery of a copy begins that is made after a checkpoint: timeline, and segment of its redo position. */
export interface RedoPoint {
  readonly timeline: number
  readonly segment: string
}

/** Writes all changes to the data files, so that a copy recovers fast, and tells where its recovery begins. */
export async function checkpoint(session: Session): Promise<RedoPoint> {
  // As much as there is to write: a large cache on a slow disk takes minutes.
  await session.query('SET statement_timeout = 0')
  await session.query('CHECKPOINT')
  await session.query('RESET statement_timeout')
  const [row] = await session.query<{ timeline: number; segment: string }>(
    'SELECT timeline_id AS timeline, redo_wal_file AS segment FROM pg_control_checkpoint()',
  )
  if (row === undefined) throw new TypeError('pg_control_checkpoint() gave no row')
  return row
}
