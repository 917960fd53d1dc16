import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PgdError } from '../errors/error.ts'
import { cancelled } from './failure.ts'

/** SSLRequest: its length, and a number in the place of a version (documentation of PostgreSQL, "Message Formats"). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** Milliseconds until it counts as unreachable, and between two tries. */
const [usualLimit, pause] = [10_000, 20]

/**
 * Waits until a server of PostgreSQL that takes TLS answers on a port of this machine, where everybody comes from: a socket
 * that answers says nothing of what an engine publishes. Rejects with `PGD_SERVER_FAILED`.
 */
export async function untilListening(
  port: number,
  { limit = usualLimit, signal }: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const until = performance.now() + limit
  for (;;) {
    const reason = await ask(port, Math.max(until - performance.now(), pause))
    if (reason === undefined) return
    if (signal?.aborted) throw cancelled(signal)
    if (performance.now() > until) {
      const message = `The server answers on its socket, and not on 127.0.0.1:${port}: ${reason}`
      throw new PgdError('PGD_SERVER_FAILED', message)
    }
    await sleep(pause)
  }
}

/** Why there is no PostgreSQL with TLS; undefined when there is. */
async function ask(port: number, limit: number): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port })
  // Something that says nothing is not waited for longer than for something that is not there.
  const ending = setTimeout(() => socket.destroy(new Error('no answer')), limit)
  try {
    await once(socket, 'connect')
    socket.write(sslRequest)
    const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown]
    return Buffer.isBuffer(answer) && answer.toString('latin1') === 'S' ? undefined : 'something else is there'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  } finally {
    clearTimeout(ending)
    socket.on('error', () => {}).destroy()
  }
}
