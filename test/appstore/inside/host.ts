import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lxcRuntime, startLab } from '../../../packages/proxmox-lab/src/index.ts'
import { installEndOperation, installPolicy, policyFile } from '../../broker/installed.ts'
import { prepareHost } from '../../host/prepare.ts'
import { runAs } from '../../host/service.ts'
import { startDaemon } from './daemon.ts'

// host.ts ROOTFS: as root on a throwaway host, starts a Proxmox API over containers of LXC, and the app store's daemon as its
// own account in its read-only namespace; uses it by its command, and prints one JSON object of what was seen.
const [, , rootfs = ''] = process.argv
const canary = `canary-${randomBytes(12).toString('hex')}`
const repository = join(import.meta.dirname, '../../..')
const program = join(repository, 'apps/appstore/src/cli/main.ts')
const node = [process.execPath, '--conditions=@broker/source']

prepareHost({ containers: true })
spawnSync('mkdir', ['-p', '/usr/libexec/privexec'])
installEndOperation()
await installPolicy(policyFile('appstore'))

const lab = await startLab({
  directory: '/run/lab',
  node: 'pve',
  guests: lxcRuntime({ templates: { 'debian-12-standard_12.12-1_amd64.tar.zst': rootfs } }),
  etcPve: '/run/lab-pve',
  foreignGuests: [{ vmid: 20_005, hostname: 'mine', pool: 'appstore', description: 'Not of the store' }],
})
// The guest of somebody else is there before; what the API keeps is where pct looks.
spawnSync('sh', ['-c', 'rm -rf /etc/pve/lxc && ln -s /run/lab-pve/lxc /etc/pve/lxc'])
const foreignBefore = JSON.stringify(lab.state.guests['20005'])

const uid = Number(spawnSync('id', ['-u', 'appstore'], { encoding: 'utf8' }).stdout)
const state = '/var/lib/appstore/store'
const catalog = '/var/lib/appstore/catalog/apps'
mkdirSync(state, { recursive: true })
cpSync(join(repository, 'test/appstore/apps/page'), join(catalog, 'page'), { recursive: true })
chownSync(state, uid, uid)
const secretFile = '/run/appstore-token'
writeFileSync(secretFile, `${lab.tokenId}=${lab.tokenSecret}\n`, { mode: 0o600 })
chownSync(secretFile, uid, uid)
writeFileSync(
  '/etc/appstore.yml',
  `pool: appstore
state: ${state}
policy: ${policyFile('appstore')}
proxmox: { url: "${lab.url}", token_file: ${secretFile}, fingerprint: "${lab.fingerprint}" }
listen: { port: 18443 }
catalog: { sources: [{ name: local, directory: /var/lib/appstore/catalog }] }
timeouts: { network: 10s, health: 60s }
`,
  { mode: 0o644 },
)
const added = await runAs('appstore', [...node, program, 'account', 'add', 'alice', '--config', '/etc/appstore.yml'], {
  input: 'correct horse battery\n',
  readOnly: true,
})
if (added.exitCode !== 0) throw new Error(`account: ${added.stderr}`)
const daemon = await startDaemon([...node, program, 'serve', '--config', '/etc/appstore.yml'])
const { fingerprint } = daemon

/** Runs the command as a person who uses the store. */
async function store(args: readonly string[], input = ''): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', HOME: '/run/person', XDG_CONFIG_HOME: '/run/person' }
  const child = spawn(node[0] as string, [...node.slice(1), program, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => {
    out += String(chunk)
  })
  child.stderr.on('data', chunk => {
    err += String(chunk)
  })
  await new Promise(resolve => child.once('close', resolve))
  if (child.exitCode !== 0) throw new Error(`appstore ${args.join(' ')}: ${err}\n${daemon.said()}`)
  return out
}
mkdirSync('/run/person', { recursive: true })
await store(
  ['login', 'https://127.0.0.1:18443', '--account', 'alice', '--fingerprint', fingerprint],
  'correct horse battery\n',
)

const seen: Record<string, unknown> = { foreignBefore }
const look = (vmid: number, line: string): string =>
  spawnSync('pct', ['exec', String(vmid), '--', 'sh', '-c', line], { encoding: 'utf8', input: '' }).stdout.trim()
const pid = spawnSync('pgrep', ['-u', 'appstore', '-f', 'main.ts serve'], { encoding: 'utf8' })
  .stdout.trim()
  .split('\n')[0]
seen.account = spawnSync('ps', ['-o', 'user=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
seen.sandbox = spawnSync('sh', ['-c', `awk '$5=="/" {print $6}' /proc/${pid}/mountinfo | cut -d, -f1`], {
  encoding: 'utf8',
}).stdout.trim()
writeFileSync('/run/person/password', canary, { mode: 0o600 })
const given = ['--set', 'title=First', '--set', 'http_port=8080', '--set-file', 'password=/run/person/password']
const { plan } = JSON.parse(await store(['install', 'page', ...given, '--dry-run', '--json']))
seen.plan = plan.actions.map(({ action }: { action: string }) => action)
seen.install = JSON.parse(await store(['install', 'page', ...given, '--yes', '--json'])).job
seen.shown = JSON.parse(await store(['show', 'page', '--json'])).install
const vmid = (seen.shown as { vmid: number }).vmid
seen.page = look(
  vmid,
  `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8080/").read().decode())'`,
)
seen.package = look(vmid, 'dpkg -l nginx-light | tail -n 1 | cut -c 1-2')
const audit = '/var/log/privexec/appstore/audit.jsonl'
seen.audit = existsSync(audit) ? readFileSync(audit, 'utf8').slice(0, 4000) : ''
seen.chain = spawnSync(node[0] as string, [
  ...node.slice(1),
  join(repository, 'packages/privexec/src/cli/main.ts'),
  'audit',
  'verify',
  audit,
]).status
seen.canary = spawnSync(
  'grep',
  [
    '-rlaF',
    '--exclude-dir=throwaway-host',
    '--exclude-dir=lab',
    canary,
    '/var/log',
    '/var/lib/appstore',
    '/var/lib/privexec',
    '/etc',
    '/tmp',
  ],
  { encoding: 'utf8' },
).stdout
seen.uninstall = JSON.parse(await store(['uninstall', 'page', '--yes', '--json'])).job
seen.guestsAfter = Object.keys(lab.state.guests)
seen.foreign = JSON.stringify(lab.state.guests['20005'])
daemon.process.kill('SIGTERM')
await new Promise(resolve => daemon.process.once('close', resolve))
await lab.stop()
process.stdout.write(`${JSON.stringify(seen)}\n`)
