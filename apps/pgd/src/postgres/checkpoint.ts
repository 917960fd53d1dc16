import { clockSql, clockTolerance } from './clock.ts'
import type { Session } from './connect.ts'

/** Where recovery of a copy begins that is made after a checkpoint: timeline, and segment of its redo position. */
export interface RedoPoint {
  readonly timeline: number
  readonly segment: string
  /** How far the server's clock is ahead of this process's, in milliseconds; 0 where they are as good as the same. */
  readonly ahead: number
}

/** Writes all changes to the data files, so that a copy recovers fast, and tells where its recovery begins. */
export async function checkpoint(session: Session, now: () => number = Date.now): Promise<RedoPoint> {
  // As much as there is to write: a large cache on a slow disk takes minutes.
  await session.query('SET statement_timeout = 0')
  await session.query('CHECKPOINT')
  await session.query('RESET statement_timeout')
  const before = now()
  const [row] = await session.query<{ timeline: number; segment: string; clock: string }>(
    `SELECT timeline_id AS timeline, redo_wal_file AS segment, ${clockSql} AS clock FROM pg_control_checkpoint()`,
  )
  if (row === undefined) throw new TypeError('pg_control_checkpoint() gave no row')
  const { clock, ...where } = row
  // At the most: what was complete is never said to have been so too early.
  const ahead = Number(clock) - before
  return { ...where, ahead: Math.abs(ahead) > clockTolerance ? ahead : 0 }
}
