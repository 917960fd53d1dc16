import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { AppstoreError, type Problem } from '../errors/error.ts'
import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import type { Login } from './login.ts'

/** The daemon's API, for the command line. */
export interface Client {
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Server-sent events, until the server ends them. */
  events(path: string, onEvent: (name: string, data: string) => void, signal?: AbortSignal): Promise<void>
  /** Logs in with a password, makes a token, and ends the session again. */
  loginForToken(account: string, password: string, label: string, scopes: readonly string[]): Promise<string>
}

const plain = (text: string): string => text.replaceAll(':', '').toLowerCase()

/** Opens the API; with a fingerprint, only the daemon that has it gets the token. */
export function openClient({ url, token, fingerprint }: Omit<Login, 'token'> & { readonly token?: string }): Client {
  const base = parseUrl(url)
  const open = (method: string, path: string, body: unknown, accept: string, signal?: AbortSignal, headers = {}) =>
    new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = request(new URL(`/api/v1${path}`, base), {
        method,
        agent: false,
        // Whose certificate it is, is checked below, before anything is sent.
        ...(fingerprint === undefined ? {} : { rejectUnauthorized: false }),
        ...(signal === undefined ? {} : { signal }),
        headers: {
          accept,
          ...headers,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      })
      sent.on('socket', socket =>
        socket.on('secureConnect', () => {
          const seen = (socket as TLSSocket).getPeerCertificate().fingerprint256
          if (fingerprint === undefined || plain(seen) === plain(fingerprint)) sent.end(text)
          else sent.destroy(new Error(`the certificate is another one: ${seen}`))
        }),
      )
      sent.on('response', resolve)
      sent.on('error', cause =>
        reject(
          new AppstoreError(
            'APPSTORE_STORE_UNAVAILABLE',
            `The daemon at ${base.origin} cannot be reached: ${cause.message}`,
            {
              hint: 'See whether it runs (systemctl status appstore), or log in again: appstore login',
              cause,
            },
          ),
        ),
      )
    })
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await open(method, path, body, 'application/json')
    const text = await textOf(answer)
    if ((answer.statusCode ?? 0) >= 400) throw errorOf(text, answer.statusCode ?? 0)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    get: path => ask('GET', path),
    send: (method, path, body) => ask(method, path, body),
    events: async (path, onEvent, signal) => {
      const answer = await open('GET', path, undefined, 'text/event-stream', signal)
      if ((answer.statusCode ?? 0) >= 400) throw errorOf(await textOf(answer), answer.statusCode ?? 0)
      let rest = ''
      for await (const chunk of answer.setEncoding('utf8')) {
        const parts = (rest + String(chunk)).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) {
          const fields = new Map(
            part.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
          )
          const data = fields.get('data')
          if (data !== undefined) onEvent(fields.get('event') ?? 'message', data)
        }
      }
    },
    loginForToken: async (account, password, label, scopes) => {
      const answer = await open('POST', '/login', { account, password }, 'application/json')
      const text = await textOf(answer)
      if ((answer.statusCode ?? 0) >= 400) throw errorOf(text, answer.statusCode ?? 0)
      const cookie = (answer.headers['set-cookie'] ?? []).map(one => one.split(';')[0]).join('; ')
      const headers = { cookie, 'x-csrf-token': (JSON.parse(text) as { csrf: string }).csrf }
      const made = await open('POST', '/tokens', { label, scopes }, 'application/json', undefined, headers)
      const token = await textOf(made)
      if ((made.statusCode ?? 0) >= 400) throw errorOf(token, made.statusCode ?? 0)
      await open('POST', '/logout', undefined, 'application/json', undefined, headers)
      return (JSON.parse(token) as { text: string }).text
    },
  }
}

async function textOf(answer: import('node:http').IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && url.username === '') return url
  throw new AppstoreError('APPSTORE_USAGE', 'The address of the daemon begins with https://', { field: 'url' })
}

/** The error that the daemon reports, as it was there. */
function errorOf(text: string, status: number): AppstoreError {
  let given: { code?: string; detail?: string; advice?: string; field?: string; problems?: Problem[] } = {}
  try {
    given = JSON.parse(text) as typeof given
  } catch {
    // Not our daemon, or something in between.
  }
  const { code = '', detail = `The daemon answered ${status}`, advice, field, problems } = given
  const known: ErrorCode = Object.hasOwn(errorRegistry, code) ? (code as ErrorCode) : 'APPSTORE_INTERNAL'
  return new AppstoreError(known, detail, {
    ...(advice === undefined ? {} : { hint: advice }),
    ...(field === undefined ? {} : { field }),
    ...(problems === undefined ? {} : { problems }),
  })
}
