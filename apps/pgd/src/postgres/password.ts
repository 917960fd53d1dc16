import type { Session } from './connect.ts'
import { verifierOf } from './scram.ts'

/** Sets the password of `postgres`. The server is told a verifier only, and keeps no statement of it in a log. */
export async function setPassword(session: Session, password: string): Promise<void> {
  const verifier = await verifierOf(password)
  // By themselves: of several statements in one text, the first decides whether all are logged.
  await session.query("SET log_statement = 'none'; SET log_min_duration_statement = -1")
  // Its alphabet is that of base64 with `$` and `:`, which a literal holds as they are.
  await session.query(`ALTER ROLE postgres PASSWORD '${verifier}'`)
  await session.query('RESET log_statement; RESET log_min_duration_statement')
}
