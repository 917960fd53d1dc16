import type { Socket } from 'node:net'
import type { Command } from '../../command/command.ts'
import { PrivexecError } from '../../errors/error.ts'
import { encodeJson } from '../../wire/frame.ts'
import type { Refusal } from '../../wire/message.ts'
import { openAccounts } from '../accounts.ts'
import { openSeats } from '../run/seats.ts'
import { rootTransport } from '../run/spawn.ts'
import type { Asker } from '../serve/service.ts'
import { serve } from '../serve/session.ts'
import { openTrees } from '../tree.ts'
import { startWarden } from '../warden.ts'
import { askerOf } from './asker.ts'
import { listen } from './listen.ts'
import { keepMemorySmall } from './memory.ts'
import type { Options } from './options.ts'
import { markRunning, recover } from './recover.ts'
import { journal, openPolicy } from './service.ts'

/** Connections that are open beside those whose operations the limits allow: they are about to ask, or to be refused. */
const spareConnections = 64

/** Connections that are turned away at the same time. */
const turnedAway = 1024

/** Serves a policy on its socket, until a signal or the idle time ends it. */
export async function runDaemon({ policy: name, idle }: Options, commands: readonly Command[]): Promise<void> {
  keepMemorySmall()
  const stop = new AbortController()
  const trees = openTrees()
  const { policy, log, serviceBy } = await openPolicy(name, commands, stop.signal)
  const accounts = openAccounts()
  const warden = startWarden(name)
  // Without a control group, only what has become the program can be found by its marker.
  const seats = trees.kind === 'cgroup' ? openSeats(trees, warden) : undefined
  const service = serviceBy(rootTransport(trees, policy.transport, seats))
  const recovered = await recover(policy, log)
  if (recovered > 0) journal.warn({ recovered }, 'operations of an earlier process were not ended in good order')
  const clean = markRunning(log.file)
  const { promise: ending, resolve: end } = Promise.withResolvers<void>()
  const sessions = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined

  const rest = () => {
    clearTimeout(timer)
    if (sessions.size === 0) seats?.drop()
    if (idle !== undefined && sessions.size === 0) timer = setTimeout(end, idle * 1000)
  }
  const most = policy.limits.running + policy.limits.queue + spareConnections
  const take = (socket: Socket) => {
    socket.on('error', () => {})
    clearTimeout(timer)
    const session = sessions.size < most ? welcome(socket) : turnAway(socket)
    sessions.add(session)
    session.finally(() => {
      sessions.delete(session)
      rest()
    })
  }
  const welcome = async (socket: Socket) => {
    await serve(socket, identify(socket), service)
    await closed(socket)
  }
  const identify = async (socket: Socket): Promise<Asker> => {
    const { uid, pid } = await warden.peer(socket)
    return askerOf(policy, accounts, uid, pid)
  }
  const server = await listen(name, accounts.groupId(policy.principal.name), take)
  // Those that are told that there is no room have a descriptor until they are closed; beyond these none is taken.
  server.maxConnections = most + turnedAway
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end())
  process.on('SIGHUP', () => log.reopen().catch(error => journal.warn({ error: String(error) }, 'audit not reopened')))
  warden.died.then(() => journal.warn({}, 'the warden has ended, so nobody can be told from anybody')).then(end)
  if (process.env.NOTIFY_SOCKET !== undefined) await warden.notify('READY=1')
  rest()

  await ending
  server.close()
  if (process.env.NOTIFY_SOCKET !== undefined) await warden.notify('STOPPING=1').catch(() => {})
  stop.abort(new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', 'The root-side broker was stopped'))
  while (sessions.size > 0) await Promise.allSettled(sessions)
  await log.close()
  await seats?.drop()
  trees.close()
  clean()
  await warden.close()
}

function refuseAndClose(socket: Socket, refusal: Refusal): void {
  socket.resume()
  socket.end(encodeJson('refused', refusal))
  setTimeout(() => socket.destroy(), 1000).unref()
}

/** Without a record: it costs the sender nothing, and there may be any number of them. */
async function turnAway(socket: Socket): Promise<void> {
  refuseAndClose(socket, { code: 'PRIVEXEC_BUSY', message: 'The policy allows no more connections' })
}

const closed = (socket: Socket): Promise<void> =>
  socket.destroyed ? Promise.resolve() : new Promise(resolve => socket.once('close', () => resolve()))
