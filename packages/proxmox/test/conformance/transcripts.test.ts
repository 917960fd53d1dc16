import { readFileSync } from 'node:fs'
import t from 'tap'
import type { ErrorCode } from '../../src/index.ts'
import { calls } from '../../src/index.ts'
import { clientOf, fakeServer, type Reply, rejection, secret } from '../support/server.ts'

// Answers of the real request handling of Proxmox; not shipped.
const file = process.env.BROKER_PVE_TRANSCRIPTS
const skip = file === undefined ? 'BROKER_PVE_TRANSCRIPTS names no transcripts' : false

interface Exchange {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly params: Record<string, string | number> | null
  }
  readonly response: { readonly status: number; readonly reason: string; readonly body: unknown }
}

const exchanges: Exchange[] =
  file === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }).exchanges

/** What each refused exchange of the file is to the client, in its order. */
const refusals: readonly (readonly [ErrorCode, Readonly<Record<string, unknown>>?])[] = [
  ['PROXMOX_UNAUTHORIZED', { statusText: 'Authentication failed!' }],
  ['PROXMOX_UNSUPPORTED'],
  ['PROXMOX_UNSUPPORTED'],
  ['PROXMOX_EXISTS', { parameters: { vmid: 'VM 104 already exists' } }],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'vmid' }],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'type' }],
  ['PROXMOX_FORBIDDEN', { permission: { path: '/vms/999', privileges: ['VM.Audit'] } }],
  [
    'PROXMOX_FORBIDDEN',
    { permission: { path: '/storage/nosuch', privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'] } },
  ],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'bogus' }],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'net0' }],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'hostname' }],
  ['PROXMOX_EXISTS', { answer: "CT 104 already exists on node 'vm'" }],
  ['PROXMOX_ROOT_ONLY'],
  ['PROXMOX_ROOT_ONLY'],
  ['PROXMOX_FORBIDDEN', { permission: undefined }],
  ['PROXMOX_FORBIDDEN', { permission: { path: '/storage/other', privileges: ['Datastore.AllocateSpace'] } }],
  ['PROXMOX_FAILED', { answer: 'SSH public key validation error' }],
  ['PROXMOX_FORBIDDEN', { permission: { path: '/vms/105', privileges: ['VM.Config.Options'] } }],
  ['PROXMOX_PARAMETERS_REFUSED', { field: 'upid' }],
  ['PROXMOX_NOT_FOUND', { subject: 'volume' }],
  ['PROXMOX_CHANGED'],
  ['PROXMOX_FAILED', { answer: 'no options specified' }],
  ['PROXMOX_NOT_RUNNING'],
  ['PROXMOX_FORBIDDEN'],
]

const refused = exchanges.filter(({ response }) => response.status !== 200)
const answered = exchanges.filter(({ response }) => response.status === 200)

const replyOf = ({ status, reason, body }: Exchange['response']): Reply =>
  body === '' ? { status, reason, text: '' } : { status, reason, body }

t.test('every refusal of the transcripts has its place in this test', { skip }, async t => {
  t.equal(refused.length, refusals.length)
})

for (const [at, { request, response }] of refused.entries()) {
  const [code, details] = refusals[at] ?? []
  for (const age of ['message in the body', 'message in the status line only']) {
    t.test(`${request.method} ${request.path}: ${response.status} ${response.reason}: ${age}`, { skip }, async t => {
      const isOld = age !== 'message in the body'
      const { errors } = response.body as { errors?: unknown }
      const body = isOld ? { data: null, ...(errors !== undefined && { errors }) } : response.body
      const server = await fakeServer(t, () => replyOf({ ...response, body }))
      const proxmox = await clientOf(t, server)
      const method = request.method as 'GET'
      const error = await rejection(
        proxmox.send({ method, path: request.path, parameters: [], answer: calls.version.get.answer }),
      )
      t.match(error, { name: 'ProxmoxError', code, status: response.status })
      for (const [name, value] of Object.entries(details ?? {})) t.same(error[name], value, name)
      t.equal(error.mayHaveRun, code === 'PROXMOX_FAILED', 'a refusal is no change, a failure may be one')
      t.notMatch(JSON.stringify([error, error.message, error.stack]), secret)
    })
  }
}

/** The definition that an answered exchange is of. */
function definitionOf({ method, path }: Exchange['request']) {
  for (const definition of Object.values(calls).flatMap(area => Object.values(area))) {
    const pattern = new RegExp(`^${definition.template.replace(/\{[a-z]+\}/g, '[^/]+')}$`)
    if (definition.method === method && pattern.test(path)) return definition
  }
  throw new Error(`no call for ${method} ${path}`)
}

for (const { request, response } of answered) {
  t.test(`${request.method} ${request.path}: 200 is read`, { skip }, async t => {
    const server = await fakeServer(t, () => replyOf(response))
    const proxmox = await clientOf(t, server)
    const { answer } = definitionOf(request)
    const method = request.method as 'GET'
    const result = await proxmox.send({
      method,
      path: request.path,
      parameters: [],
      answer: answer as typeof calls.version.get.answer,
    })
    const { data } = response.body as { data: unknown }
    if (typeof data === 'string') t.equal(result, data)
    else if (Array.isArray(data)) t.equal((result as unknown as unknown[]).length, data.length)
    else if (data === null) t.ok(result === undefined || Array.isArray(result), 'null is nothing, or the empty list')
    else
      t.match(
        result,
        Object.keys(data as object).includes('digest') ? { hostname: 'app104', cores: 1, unprivileged: true } : {},
      )
  })
}
