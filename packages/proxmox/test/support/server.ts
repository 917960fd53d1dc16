import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import type { ConnectOptions } from '../../src/connection/options.ts'
import { openProxmox, type Proxmox } from '../../src/index.ts'
import { makeIdentity, type ServerIdentity } from './certificates.ts'

/** What a request was, as the server read it. */
export interface Seen {
  readonly method: string
  /** Below /api2/json, still escaped. */
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
  readonly authorization: string | undefined
}

export type Reply =
  | { readonly status?: number; readonly reason?: string; readonly body?: unknown; readonly text?: string }
  /** `drop` before any byte, `half` after some bytes of the body, `cut` after a body that is no whole JSON, `hang` never. */
  | 'drop'
  | 'half'
  | 'cut'
  | 'hang'

export interface FakeServer {
  readonly url: string
  readonly identity: ServerIdentity
  readonly seen: Seen[]
}

export const secret = '4a0e3c5c-0000-4000-8000-canary000000'
export const tokenId = 'appstore@pve!store'

let shared: Promise<ServerIdentity> | undefined
/** One identity for a test file: keys take time. */
export const sharedIdentity = (): Promise<ServerIdentity> => {
  shared ??= makeIdentity(['127.0.0.1', 'localhost'])
  return shared
}

/** Starts a server on loopback that answers as told, and ends it after the test. */
export async function fakeServer(
  t: Test,
  answer: (seen: Seen, n: number) => Reply | Promise<Reply>,
  options: { identity?: ServerIdentity; upgrade?: (request: IncomingMessage, socket: Duplex) => void } = {},
): Promise<FakeServer> {
  const identity = options.identity ?? (await sharedIdentity())
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ key: identity.key, cert: identity.certificate }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const form = new URLSearchParams(
      request.method === 'GET' || request.method === 'DELETE' ? query : Buffer.concat(chunks).toString(),
    )
    const one: Seen = {
      method: request.method ?? '',
      path: path.replace('/api2/json', ''),
      parameters: Object.fromEntries(form),
      authorization: request.headers.authorization,
    }
    seen.push(one)
    const reply = await answer(one, seen.length)
    if (reply === 'hang') return
    if (reply === 'drop') return void request.socket.destroy()
    if (reply === 'half') {
      response.writeHead(200, 'OK', { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"data":')
      return void setTimeout(() => request.socket.destroy(), 20)
    }
    if (reply === 'cut') return void response.writeHead(200, 'OK').end('{"data":[{"vmid":1')
    const { status = 200, reason = 'OK', body, text = JSON.stringify(body) } = reply
    response.writeHead(status, reason, { 'content-type': 'application/json;charset=UTF-8' }).end(text)
  })
  server.on('secureConnection', socket => sockets.add(socket))
  server.on('tlsClientError', () => {})
  if (options.upgrade) server.on('upgrade', options.upgrade)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, identity, seen }
}

/** A client of the server, closed after the test; fast retries. */
export async function clientOf(t: Test, server: FakeServer, options: Partial<ConnectOptions> = {}): Promise<Proxmox> {
  const proxmox = await openProxmox({
    url: server.url,
    token: { id: tokenId, secret },
    tls: { ca: server.identity.ca },
    node: 'vm',
    retry: { first: 1, longest: 5 },
    ...options,
  })
  t.teardown(() => proxmox.close())
  return proxmox
}

/** The error that something rejects with; fails when it resolves. */
export async function rejection<T>(promise: Promise<T>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    () => {
      throw new Error('it resolved')
    },
    error => error,
  )
}
