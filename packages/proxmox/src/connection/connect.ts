import { Pool, WebSocket } from 'undici'
import { calls } from '../api/calls.ts'
import { invalid, ProxmoxError } from '../errors/error.ts'
import { checkRetry } from '../request/retry.ts'
import { makeSend } from '../request/send.ts'
import { httpTransport } from '../request/transport.ts'
import { makeClient, type Proxmox } from './client.ts'
import type { ConnectOptions } from './options.ts'
import { makeConnector } from './tls.ts'
import { loadToken } from './token.ts'
import { parseOrigin } from './url.ts'

/** Makes a client without asking Proxmox anything; reads the token's file, where there is one. */
export async function openProxmox(options: ConnectOptions): Promise<Proxmox> {
  const { url, tls = {}, node, log, timeout = 40_000, connections = 8 } = options
  if (!(timeout >= 1 && timeout <= 3_600_000)) throw invalid('timeout', 'is not a number of milliseconds, 1 to 3600000')
  if (!Number.isInteger(connections) || connections < 1 || connections > 256) {
    throw invalid('connections', 'is not a number from 1 to 256')
  }
  const retry = checkRetry(options.retry)
  const origin = parseOrigin(url)
  const connect = makeConnector(tls, log, Math.min(timeout, 10_000))
  const token = await loadToken(options.token)
  const authorization = (): string => `PVEAPIToken=${token.id}=${token.secret.reveal()}`
  // pveproxy closes idle connections after some seconds; a change must not be sent into one that it just closed.
  const pool = new Pool(origin, {
    connect,
    connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 2000,
    keepAliveMaxTimeout: 2000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const transport = httpTransport(pool, origin, authorization)
  const conceal = (text: string): string => text.replaceAll(token.secret.reveal(), '[secret]')
  return makeClient({
    send: makeSend({ transport, retry, timeout, log, conceal }),
    node,
    socket: path =>
      new WebSocket(`wss://${origin.host}${path}`, {
        protocols: ['binary'],
        dispatcher: pool,
        headers: { authorization: authorization() },
      }),
    close: () => pool.destroy(new ProxmoxError('PROXMOX_CANCELLED', 'the client was closed')),
  })
}

/** Makes a client, and asks for the version, so that a wrong address, certificate or token is found at once. */
export async function connect(options: ConnectOptions): Promise<Proxmox> {
  const proxmox = await openProxmox(options)
  try {
    await proxmox.send(calls.version.get.call({}))
    return proxmox
  } catch (error) {
    await proxmox.close()
    throw error
  }
}
