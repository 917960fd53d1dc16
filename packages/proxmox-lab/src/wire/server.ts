import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { requireAll, requireAny } from '../access/check.ts'
import { authenticate } from '../access/identity.ts'
import { type Call, type Endpoint, forVersion, type World } from '../api/endpoint.ts'
import { raceFor } from '../api/guest-create.ts'
import { type FaultKind, taskFaultOf } from '../faults/faults.ts'
import { type Checked, checkParameters } from '../schema/check.ts'
import { readParameters } from './body.ts'
import { type Answer, answerOf, answerOfError, contentType } from './envelope.ts'
import { ApiError, failed, invalid } from './error.ts'
import type { Router } from './router.ts'
import type { Identity } from './tls.ts'

/** A request that came, for tests to look at. */
export interface Recorded {
  readonly method: string
  /** Without `/api2/json` and query. */
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
  /** Header of the login as it came: a secret. */
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  /** Milliseconds since 1970. */
  readonly at: number
  /** Status of the answer; 0 when there was none. */
  status: number
}

/** Listens on loopback; port 0 takes a free one. Resolves with the server and its port. */
export async function listen(
  world: World,
  router: Router,
  identity: Identity,
  port: number,
  requests: Recorded[],
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ key: identity.keyPem, cert: `${identity.certificatePem}${identity.caPem}` })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve(world, router, requests, request, response).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

const prefix = '/api2/json'

async function serve(
  world: World,
  router: Router,
  requests: Recorded[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET'
  const url = new URL(request.url ?? '/', 'https://lab')
  if (url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) {
    response.writeHead(404, `no such file '${url.pathname.slice(0, 200)}'`).end()
    return
  }
  const path = url.pathname.slice(prefix.length) || '/'
  const entry: Recorded = {
    method,
    path: decodeSafely(path),
    params: {},
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    at: Date.now(),
    status: 0,
  }
  requests.push(entry)
  const fault = world.faults.take(method, entry.path)
  let answer: Answer
  try {
    const params = await readParameters(request, url)
    Object.assign(entry, { params })
    if (fault === 'drop') return void response.destroy()
    if (fault === 'hang') return
    if (fault?.startsWith('status ')) throw faultAnswer(fault)
    answer = answerOf(await call(world, router, request, method, path, params, fault))
  } catch (error) {
    answer = answerOfError(error, world.version)
  }
  if (fault === 'drop-after') return void response.destroy()
  if (fault === 'hang-after') return
  entry.status = answer.status
  send(response, answer, fault === 'half')
}

/** The answer of a request: who sends it, then the permission, then the parameters, then the method itself. */
export async function call(
  world: World,
  router: Router,
  request: IncomingMessage,
  method: string,
  path: string,
  given: Readonly<Record<string, unknown>>,
  fault: FaultKind | undefined,
): Promise<unknown> {
  const route = router.find(method, path)
  const { headers } = request
  const isOpen = route?.endpoint.permission === 'world'
  const credentials = {
    authorization: headers.authorization,
    cookie: headers.cookie,
    csrf: headers.csrfpreventiontoken?.toString(),
    method,
  }
  const who = isOpen ? '' : authenticate(world.state, world.tickets, credentials)
  if (route === undefined) throw new ApiError(501, `Method '${method} ${path}' not implemented`)
  const { endpoint, params } = route
  for (const name of Object.keys(given))
    if (Object.hasOwn(params, name)) throw invalid({ [name]: 'duplicate parameter (already defined in URI)' })
  const all = { ...params, ...given }
  const taskFault = taskFaultOf(fault)
  const make = (checked: Checked): Call => ({
    world,
    who,
    params: checked,
    taskFault,
    fork: (type, id, work) => world.tasks.start(type, String(id), who, work, taskFault),
  })
  permit(endpoint, make(all as Checked))
  if (params.node !== undefined && params.node !== world.node && params.node !== 'localhost')
    throw failed(
      `hostname lookup '${params.node}' failed - failed to get address info for: ${params.node}: Name or service not known`,
    )
  const checked = checkParameters(forVersion(endpoint.parameters, world.version), all)
  if (fault === 'id-race') raceFor(world, checked.vmid)
  return endpoint.handle(make(checked))
}

function permit(endpoint: Endpoint, asked: Call): void {
  const { permission } = endpoint
  if (permission === 'all' || permission === 'world') return
  if (typeof permission === 'function') {
    permission(asked)
    return
  }
  const path = permission.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(asked.params[name] ?? ''))
  const check = permission.any === true ? requireAny : requireAll
  check(asked.world.state, asked.who, path, permission.privileges)
}

function faultAnswer(fault: string): ApiError {
  const status = Number(fault.slice('status '.length))
  const messages: Record<number, string> = {
    401: 'permission denied - invalid PVE ticket',
    403: 'Permission check failed',
    500: 'fault of the lab',
    503: 'Service Unavailable',
    595: 'Connection refused',
    596: 'Broken pipe',
  }
  return new ApiError(status, messages[status] ?? 'fault of the lab', { isBare: status === 401 || status >= 595 })
}

function send(response: ServerResponse, { status, reason, body }: Answer, isHalf: boolean): void {
  const bytes = Buffer.from(body ?? '')
  const headers: Record<string, string | number> = {
    'Cache-Control': 'max-age=0',
    Server: 'pve-api-daemon/3.0',
    'Content-Length': bytes.length,
    ...(body !== undefined && { 'Content-Type': contentType }),
  }
  response.writeHead(status, reason, headers)
  if (!isHalf) return void response.end(bytes)
  response.write(bytes.subarray(0, Math.max(1, bytes.length >> 1)), () => response.destroy())
}

function decodeSafely(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
