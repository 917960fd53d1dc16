import type { Session } from './connect.ts'

/** More than asking takes, milliseconds; less than a person notices. */
export const clockTolerance = 2000

/** The clock of a server, in milliseconds since 1970, as text. */
export const clockSql = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text'

/** How far the clock of a server is ahead of this process's, in milliseconds; it may run on another machine's kernel. */
export async function clockAhead(session: Session, now: () => number = Date.now): Promise<number> {
  const before = now()
  const text = await session.value<string>(`SELECT ${clockSql}`)
  return Math.round(Number(text) - (before + now()) / 2)
}
