import { request } from 'node:https'
import { Accounts } from '../../src/access/accounts.ts'
import { Attempts } from '../../src/access/attempts.ts'
import type { Scope } from '../../src/access/scope.ts'
import { scopes } from '../../src/access/scope.ts'
import { Sessions } from '../../src/access/sessions.ts'
import { Tokens } from '../../src/access/tokens.ts'
import type { Api } from '../../src/api/app.ts'
import { identityOf } from '../../src/api/certificate.ts'
import { makeServer } from '../../src/api/server.ts'
import { openShop, type Shop } from './shop.ts'
import type { Test } from './store.ts'

export const password = 'correct horse battery'

/** A store behind its API, on loopback. */
export interface Served extends Shop {
  readonly api: Api
  readonly port: number
  readonly token: (...wanted: Scope[]) => string
  /** Sends a request; the body as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  readonly json: any
}

export async function serve(t: Test): Promise<Served> {
  const shop = await openShop(t)
  const { database } = shop.shop.store
  const accounts = new Accounts(database)
  const tokens = new Tokens(database)
  await accounts.add('alice', 'admin', password)
  const api = await makeServer({
    appstore: shop.shop,
    accounts,
    tokens,
    sessions: new Sessions(database),
    attempts: new Attempts(),
    tls: await identityOf(shop.state, ['localhost', '127.0.0.1']),
    names: ['store.example.org'],
    address: '127.0.0.1',
    version: '0.0.0',
    log: 'silent',
    isReady: async () => true,
  })
  await api.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => api.close())
  const { port } = api.server.address() as { port: number }
  const token = (...wanted: Scope[]): string =>
    tokens.create('alice', 'test', wanted.length === 0 ? scopes : wanted).text
  return { ...shop, api, port, token, call: (method, path, options) => call(port, method, path, options) }
}

function call(
  port: number,
  method: string,
  path: string,
  { body, token, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, method, path, rejectUnauthorized: false, agent: false },
        headers: {
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      answer => {
        const chunks: Buffer[] = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const all = Buffer.concat(chunks).toString()
          const isJson = /json/.test(String(answer.headers['content-type']))
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: all,
            json: isJson && all !== '' ? JSON.parse(all) : undefined,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}
