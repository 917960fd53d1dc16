import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Step } from './step.ts'

/** Reads the page of the app store from the daemon with that certificate, and a script of it. */
export async function pageAnswers(part: string, url: string, fingerprint: string): Promise<Step> {
  const began = performance.now()
  const title = 'the daemon serves its page, and nothing else without a login'
  try {
    const page = await read(url, '/', fingerprint)
    const script = /src="\.?(\/[^"]+\.js)"/.exec(page.text)?.[1] ?? '/none'
    const got = await read(url, script, fingerprint)
    const api = await read(url, '/api/v1/installs', fingerprint)
    const answers = [
      `/: ${page.status}`,
      `${script}: ${got.status}, ${got.text.length} bytes`,
      `/api/v1/installs: ${api.status}`,
    ]
    const ok = page.status === 200 && got.status === 200 && got.text.length > 10_000 && api.status === 401
    return { part, title, ok, ms: performance.now() - began, lines: [answers.join('; ')] }
  } catch (error) {
    return { part, title, ok: false, ms: performance.now() - began, lines: [String(error)] }
  }
}

function read(
  url: string,
  path: string,
  fingerprint: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  // Whose certificate it is, is checked below: nobody vouches for it.
  const sent = request(new URL(path, url), { rejectUnauthorized: false, agent: false }, async answer => {
    const text = Buffer.concat(await answer.toArray()).toString()
    const seen = (answer.socket as TLSSocket).getPeerCertificate().fingerprint256
    if (seen === fingerprint) resolve({ status: answer.statusCode ?? 0, text })
    else reject(new Error(`the certificate is another one: ${seen}`))
  })
  sent.on('error', reject)
  sent.end()
  return promise
}
