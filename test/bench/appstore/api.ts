import { Agent, request } from 'node:https'

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

/** Asks the daemon once; the body as JSON. Throws for an answer that is none of success. */
export function ask<T>(
  { port, token }: { readonly port: number; readonly token: string },
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const sent = request({ host: '127.0.0.1', port, method, path: `/api/v1${path}`, agent, headers }, async answer => {
    const text = Buffer.concat(await answer.toArray()).toString()
    if ((answer.statusCode ?? 500) < 300) resolve(JSON.parse(text))
    else reject(new Error(`${method} ${path}: ${text}`))
  })
  sent.on('error', reject)
  sent.end(body && JSON.stringify(body))
  return promise
}

/** Plans an install, agrees to it, and begins it. Gives the id of its job. */
export async function install(to: Parameters<typeof ask>[0], name: string, app: string): Promise<string> {
  const wanted = { name, apps: [{ app }] }
  const { consent } = await ask<{ consent: { hash: string } }>(to, 'POST', '/installs/plan', wanted)
  const job = await ask<{ id: string }>(to, 'POST', '/installs', { ...wanted, consent: consent.hash })
  return job.id
}
