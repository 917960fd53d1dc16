import { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Command } from '../../command/command.ts'
import { PrivexecError } from '../../errors/error.ts'
import { openAccounts } from '../accounts.ts'
import { rootTransport } from '../run/spawn.ts'
import { serve } from '../serve/session.ts'
import { noTrees } from '../tree.ts'
import { askerOf } from './asker.ts'
import { openPolicy } from './service.ts'

/**
 * Serves one request on standard input and output, for a caller who comes through sudo. Who that is, sudo says in
 * SUDO_UID; the caller cannot set it, since the drop-in keeps nothing of the environment.
 */
export async function runOnce(name: string, commands: readonly Command[]): Promise<void> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', `Ended by ${signal}`)))
  }
  const { SUDO_UID: id = '' } = process.env
  const uid = /^\d+$/.test(id) ? Number(id) : undefined
  if (uid === undefined) throw new PrivexecError('PRIVEXEC_PEER_REFUSED', 'SUDO_UID does not say who asks')
  const { policy, log, serviceBy } = await openPolicy(name, commands, stop.signal)
  const asker = askerOf(policy, openAccounts(), uid, process.ppid)
  const stream = Duplex.from({ readable: process.stdin, writable: process.stdout })
  await serve(stream, asker, serviceBy(rootTransport(noTrees, policy.transport)))
  await log.close()
  // The process ends itself next, and with it everything that is still to be written.
  await finished(stream, { readable: false }).catch(() => {})
}
