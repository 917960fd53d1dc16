import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Lab, type LabOptions, startLab } from '../../src/index.ts'

export interface Answer {
  readonly status: number
  readonly reason: string
  readonly contentType: string | undefined
  readonly text: string
  /** What JSON the body is; undefined without one. */
  readonly body: { data: unknown; message?: string; errors?: Record<string, string>; total?: number } | undefined
}

export interface SendOptions {
  /** `undefined` sends no login. */
  readonly authorization?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: boolean
}

/** Sends one request as the store's token, parameters in the query for GET and DELETE, else as a form. */
export function send(
  lab: Lab,
  method: string,
  path: string,
  params?: Readonly<Record<string, string | number>>,
  options: SendOptions = { authorization: tokenOf(lab) },
): Promise<Answer> {
  const inQuery = method === 'GET' || method === 'DELETE'
  const form = new URLSearchParams(
    Object.entries(params ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString()
  const body = options.json === true ? JSON.stringify(params) : form
  const type = options.json === true ? 'application/json' : 'application/x-www-form-urlencoded'
  const headers: Record<string, string> = {
    ...(options.authorization !== undefined && { Authorization: options.authorization }),
    ...(!inQuery && params !== undefined && { 'Content-Type': type }),
    ...options.headers,
  }
  const url = `${lab.url}/api2/json${path}${inQuery && form !== '' ? `?${form}` : ''}`
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ca: lab.caPem, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? '',
          contentType: response.headers['content-type'],
          text,
          body: text === '' ? undefined : JSON.parse(text),
        })
      })
    })
    sent.on('error', reject)
    sent.end(inQuery || params === undefined ? undefined : body)
  })
}

/** Header of the store's token. */
export const tokenOf = (lab: Lab): string => `PVEAPIToken=${lab.tokenId}=${lab.tokenSecret}`
/** Options of the administrator's token. */
export const asRoot = (lab: Lab): SendOptions => ({
  authorization: `PVEAPIToken=${lab.root.tokenId}=${lab.root.tokenSecret}`,
})

/** Logs in as root@pam itself, whom no token equals. */
export async function asRootPam(lab: Lab): Promise<SendOptions> {
  const answer = await send(lab, 'POST', '/access/ticket', { username: 'root@pam', password: lab.root.password }, {})
  const { ticket = '', CSRFPreventionToken = '' } = (answer.body?.data ?? {}) as Record<string, string>
  return {
    headers: { Cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`, CSRFPreventionToken },
  }
}

/** Starts a lab in a directory of its own, both gone when the test ends. */
export async function labFor(t: Test, options: Partial<LabOptions> = {}): Promise<Lab> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'proxmox-lab-'))
  const lab = await startLab({ ...options, directory })
  t.teardown(async () => {
    await lab.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  return lab
}

export const template = 'local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst'

/** Parameters of a container that the store may create. */
export const container = (vmid: number, more: Readonly<Record<string, string | number>> = {}) => ({
  vmid,
  ostemplate: template,
  rootfs: 'local-zfs:4',
  hostname: `app${vmid}`,
  unprivileged: 1,
  pool: 'appstore',
  memory: 512,
  cores: 1,
  net0: 'name=eth0,bridge=vmbr0,ip=dhcp',
  ...more,
})

/** Sends a request that starts a task and waits for its end; returns the exit status. */
export async function finish(
  lab: Lab,
  method: string,
  path: string,
  params?: Readonly<Record<string, string | number>>,
  options?: SendOptions,
): Promise<string | undefined> {
  const answer = await send(lab, method, path, params, options)
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.reason} ${answer.text}`)
  const upid = String(answer.body?.data)
  await lab.waitFor(upid)
  return lab.state.tasks.find(task => task.upid === upid)?.exitstatus
}
