import { setTimeout as sleep } from 'node:timers/promises'
import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { type ConnectOptions, connect, type Session } from './connect.ts'
import { cancelled, isNotYet } from './failure.ts'
import { fatalIn, saysNoSpace } from './words.ts'

/** What to wait for. */
export interface ReadyOptions extends ConnectOptions {
  /** Settles with its last words when the server ends by itself. */
  readonly ended: Promise<string>
  /** Milliseconds; 120 s by default. */
  readonly limit?: number
}

/** Milliseconds between two tries: a server that starts cleanly takes 50 or so, and each try takes it 2 once it listens. */
const [first, last] = [4, 10]

/**
 * Waits until a server answers a query, and gives the session that it answered in. Rejects with `PGD_SERVER_FAILED` as soon
 * as the server ended, with its last words, and with `PGD_TIMED_OUT` at the limit, with why it did not answer.
 */
export async function untilReady(options: ReadyOptions): Promise<Session> {
  const { ended, limit = 120_000, signal } = options
  let words: string | undefined
  void ended.then(
    text => (words = text),
    () => (words = ''),
  )
  const until = performance.now() + limit
  for (let pause = first; ; pause = Math.min(pause * 1.5, last)) {
    const { session, reason } = await attempt(options)
    if (session !== undefined) return session
    if (words !== undefined) throw endedError(words, reason)
    if (!isNotYet(reason)) throw reason
    if (performance.now() > until) {
      const message = `the server did not answer within ${Math.round(limit / 1000)} s: ${(reason as Error).message}`
      throw new PgdError('PGD_TIMED_OUT', message, { cause: reason })
    }
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => {})
    if (signal?.aborted) throw cancelled(signal)
  }
}

async function attempt(options: ConnectOptions): Promise<{ readonly session?: Session; readonly reason?: unknown }> {
  try {
    const session = await connect(options)
    try {
      await session.query('SELECT 1')
      return { session }
    } catch (reason) {
      await session.end()
      return { reason }
    }
  } catch (reason) {
    return { reason }
  }
}

function endedError(words: string, cause: unknown): PgdError {
  const text = words.trim()
  const shown = text === '' ? 'it said nothing' : escapeValue(fatalIn(text) ?? text.slice(-500), 500)
  const code = saysNoSpace(text) ? 'PGD_NO_SPACE' : 'PGD_SERVER_FAILED'
  return new PgdError(code, `the server ended: ${shown}`, { stderr: text, cause })
}
