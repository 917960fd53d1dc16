import { connect, type Socket } from 'node:net'
import { PrivexecError } from '../../errors/error.ts'
import { startRemotely } from '../remote/operation.ts'
import type { Transport } from '../transport.ts'
import { socketPath } from './path.ts'

/** Asks the root-side broker of the policy, over its socket. What it refuses is not tried in another way. */
export const daemonTransport: Transport = {
  name: 'daemon',
  mayWait: true,
  hasTerminals: true,
  start: async (request, policy, options) => {
    const path = socketPath(policy.name)
    const socket = await connected(path, policy.name)
    return startRemotely(
      socket,
      request,
      options,
      () => new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', `The root-side broker at ${path} closed the connection`),
    )
  },
}

async function connected(path: string, policy: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM') {
      throw new PrivexecError('PRIVEXEC_PEER_REFUSED', `This account may not use the socket of the policy ${policy}`, {
        cause,
      })
    }
    if (code === 'EAGAIN') {
      throw new PrivexecError('PRIVEXEC_BUSY', `Too many connections wait at ${path}`, { cause })
    }
    throw new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', `Nobody answers at ${path}`, { cause })
  }
  return socket
}
