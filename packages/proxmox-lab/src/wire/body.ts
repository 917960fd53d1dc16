import type { IncomingMessage } from 'node:http'
import { ApiError } from './error.ts'

/** Bytes that Proxmox takes in one request. */
const limit = 64 * 1024

/** Parameters of query and body; those of the query win, as in Proxmox. */
export async function readParameters(request: IncomingMessage, url: URL): Promise<Readonly<Record<string, unknown>>> {
  const params: Record<string, unknown> = {}
  if (request.method === 'POST' || request.method === 'PUT') {
    const body = await readBody(request)
    const type = request.headers['content-type'] ?? ''
    if (/^application\/json\b/.test(type)) Object.assign(params, readJson(body))
    else if (body !== '') collect(params, new URLSearchParams(body))
  }
  collect(params, url.searchParams)
  return params
}

function collect(params: Record<string, unknown>, given: URLSearchParams): void {
  for (const key of new Set(given.keys())) params[key] = given.getAll(key).join('\0')
}

function readJson(body: string): Record<string, unknown> {
  if (body === '') return {}
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new ApiError(400, 'malformed JSON string')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError(400, 'JSON body must be an object')
  return value as Record<string, unknown>
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new ApiError(413, `for data too large: ${size} > ${limit}`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
