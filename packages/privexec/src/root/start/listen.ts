import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { PrivexecError } from '../../errors/error.ts'
import { socketPath } from '../../transport/daemon/path.ts'
import { journal } from './service.ts'

/** First descriptor that a service manager hands over (sd_listen_fds(3)). */
const firstDescriptor = 3

/** Whether the service manager has made the socket: exactly one, and for this process. */
export function isActivated(environment: NodeJS.ProcessEnv = process.env): boolean {
  const { LISTEN_FDS: count, LISTEN_PID: pid } = environment
  if (count === undefined || Number(pid) !== process.pid) return false
  if (count === '1') return true
  throw new PrivexecError('PRIVEXEC_USAGE', 'The service manager handed over more than one socket')
}

/**
 * Listens on the socket of a policy: that of the service manager, or one that is made here, `root:<group>` 0660 in a
 * directory `root:<group>` 0750. Connections come paused, and stay open when the client ends its direction.
 */
export async function listen(policy: string, groupId: number | undefined, take: (socket: Socket) => void) {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, take)
  if (isActivated()) await listening(server, { fd: firstDescriptor })
  else {
    const path = socketPath(policy)
    if (groupId === undefined) {
      throw new PrivexecError('PRIVEXEC_PRINCIPAL_MISSING', `The group of the policy ${policy} does not exist`)
    }
    // The directory is closed to everybody else from the beginning, so there is no moment with a wrong mode.
    prepare(path, groupId)
    await listening(server, { path, backlog: 1024 })
    chownSync(path, 0, groupId)
    chmodSync(path, 0o660)
  }
  // What cannot be accepted for want of memory or descriptors is no reason to end what runs.
  server.on('error', error => journal.warn({ error: String(error) }, 'a connection could not be accepted'))
  return server
}

function prepare(path: string, groupId: number): void {
  const directory = dirname(path)
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 })
  mkdirSync(directory, { recursive: true, mode: 0o750 })
  chownSync(directory, 0, groupId)
  chmodSync(directory, 0o750)
  const old = lstatSync(path, { throwIfNoEntry: false })
  if (old && !old.isSocket()) {
    throw new PrivexecError('PRIVEXEC_USAGE', `${path} is there already and is not a socket`)
  }
  rmSync(path, { force: true })
}

const listening = (server: Server, at: object): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.off('error', reject)
      resolve()
    })
  })
