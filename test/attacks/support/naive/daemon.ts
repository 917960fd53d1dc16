// A root-side helper as tools of this kind have them: lines of JSON from anybody, who says who he is in the line itself,
// checks on the text, answers that tell the reason, one log line after the fact. Only for the baseline of attacks.
import { spawn } from 'node:child_process'
import { appendFile, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { naiveLog, naivePolicy, naiveSocket } from './paths.ts'

interface Line {
  readonly user: string
  readonly verb: string
  readonly vmid?: number
  readonly command?: readonly string[]
  readonly dataset?: string
  readonly name?: string
  readonly admin?: boolean
}

/** Defaults of requests, into which each is merged key by key. */
const defaults: Record<string, unknown> = {}
const merge = (into: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> => {
  for (const key in from) {
    const value = from[key]
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      into[key] = merge((into[key] ?? {}) as Record<string, unknown>, value as Record<string, unknown>)
    } else into[key] = value
  }
  return into
}

/** Why not, told in full. */
function refusal(vmid: number, { user, verb, name = 'x', admin }: Line): string | undefined {
  if (!/^([a-z0-9]+[-.]?)+$/.test(name)) return 'the name is not one'
  const consumers = JSON.parse(readFileSync(naivePolicy, 'utf8')) as Record<string, readonly string[]>
  if (!admin && !consumers[user]?.includes(verb)) return `${user} may not ${verb}`
  if (verb !== 'exec') return undefined
  const config = `/etc/pve/lxc/${vmid}.conf`
  if (!existsSync(config)) return `container ${vmid} does not exist`
  return readFileSync(config, 'utf8').includes('unprivileged: 1') ? undefined : 'the container is privileged'
}

function handle(text: string, answer: (value: object) => void): void {
  // The first id of the line is looked at before anything is made of it.
  const vmid = Number(/"vmid":\s*(\d+)/.exec(text)?.[1] ?? 20_001)
  const isInRange = vmid >= 20_000 && vmid <= 20_999
  const request = merge({ ...defaults }, JSON.parse(text)) as unknown as Line
  const error = isInRange ? refusal(vmid, request) : `container ${vmid} is not in the range`
  if (error === undefined) run(request, answer)
  else answer({ error })
}

function run(request: Line, answer: (value: object) => void): void {
  const { user, verb, dataset = '', command = [] } = request
  if (verb !== 'exec') appendFile(naiveLog, `${verb} ${dataset}\n`, () => {})
  const argv =
    verb === 'exec'
      ? ['/usr/sbin/pct', 'exec', String(request.vmid), '--', ...command]
      : ['/usr/sbin/zfs', verb, dataset]
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  }
  child.on('close', exitCode => {
    answer({ exitCode, output })
    if (verb === 'exec') appendFile(naiveLog, `${new Date().toISOString()} ${user} ${argv.join(' ')}\n`, () => {})
  })
}

function serve(socket: Socket): void {
  const chunks: Buffer[] = []
  socket.on('error', () => {})
  socket.on('data', chunk => {
    chunks.push(chunk)
    if (chunk.includes(10)) handle(String(Buffer.concat(chunks)), value => socket.end(`${JSON.stringify(value)}\n`))
  })
}

process.on('uncaughtException', error => process.stderr.write(`${error.message}\n`))
rmSync(naiveSocket, { force: true })
if (!existsSync(naivePolicy)) writeFileSync(naivePolicy, '{"appstore":["exec"],"alice":["mount","unmount"]}')
createServer(serve).listen(naiveSocket, () => {
  chmodSync(naiveSocket, 0o666)
  process.stdout.write('ready\n')
})
