import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveGit } from '../../../apps/appstore/test/catalog/support/https.ts'
import { makeRepository } from '../../../apps/appstore/test/catalog/support/repository.ts'
import { lxcRuntime, startLab } from '../../../packages/proxmox-lab/src/index.ts'
import { installEndOperation, installPolicy, policyFile } from '../../broker/installed.ts'
import { prepareHost } from '../../host/prepare.ts'
import { runAs } from '../../host/service.ts'
import { type Canary, canary, Finder, found } from '../secrets/canaries.ts'
import { Recorder } from '../secrets/recorder.ts'
import { filesBelow, type Seen, type Watched } from '../secrets/sampler.ts'
import { useStore } from '../secrets/use.ts'
import { walk } from '../secrets/walk.ts'
import { startDaemon } from './daemon.ts'

// secrets.ts: as root on a throwaway host, gives the app store's daemon a canary as each of its secrets, uses it in all ways
// that a secret goes through, and prints one JSON object: where a canary was found that should not have been there.
const began = Date.now()
const repository = join(import.meta.dirname, '../../..')
const program = join(repository, 'apps/appstore/src/cli/main.ts')
const node = [process.execPath, '--conditions=@broker/source']
/** Where secrets lie that their owners keep. */
const given = '/run/given'
const state = '/var/lib/appstore/store'

prepareHost({ containers: true })
spawnSync('mkdir', ['-p', '/usr/libexec/privexec', given])
installEndOperation()
await installPolicy(policyFile('appstore'))
const lab = await startLab({ directory: '/run/lab', node: 'pve', guests: lxcRuntime(), etcPve: '/run/lab-pve' })
spawnSync('sh', ['-c', 'rm -rf /etc/pve/lxc && ln -s /run/lab-pve/lxc /etc/pve/lxc'])

const names = [
  ...['login', 'wrong login', 'next login', 'account', 'credential', 'wrong credential', 'refused', 'install'],
  ...[
    'reconfigure',
    'failed reconfigure',
    'failed install',
    'stack',
    'second of stack',
    'apply',
    'torn file',
    'control',
  ],
] as const
const canaries = new Map<string, Canary>(names.map(name => [name, canary(name)]))
canaries.set('proxmox token', found('proxmox token', lab.tokenSecret))
const of = (name: string): Canary => canaries.get(name) as Canary

const uid = Number(spawnSync('id', ['-u', 'appstore'], { encoding: 'utf8' }).stdout)
/** A file with a secret; of the daemon's account, or of a person's. */
function file(name: string, text: string, owner = uid): string {
  const path = join(given, name)
  writeFileSync(path, text, { mode: 0o600 })
  chownSync(path, owner, owner)
  return path
}
const origin = makeRepository('/run/git/catalog')
const publish = (version: string): void => {
  for (const id of ['keeper', 'keeper-two']) {
    const folder = join(origin.path, 'apps', id)
    cpSync(join(repository, 'test/appstore/apps/keeper'), folder, { recursive: true })
    const text = readFileSync(join(folder, 'app.yml'), 'utf8')
    writeFileSync(
      join(folder, 'app.yml'),
      text.replace('id: keeper', `id: ${id}`).replaceAll('/srv/keeper', `/srv/${id}`).replace('1.0.0', version),
    )
  }
  origin.commit()
}
publish('1.0.0')
const git = await serveGit('/run/git', given, 'reader', of('credential').core)
const ca = join(given, 'ca.pem')
writeFileSync(ca, git.caPem, { mode: 0o644 })
const credentials = (name: string): string =>
  file(name.replace(' ', '-'), `${git.url.replace('//', `//reader:${of(name).core}@`)}\n`)
const source = (name: string, secret: string): string =>
  `{ name: ${name}, url: "${git.url}/catalog/.git", ca: ${ca}, credentials: ${credentials(secret)} }`
mkdirSync(state, { recursive: true })
chownSync(state, uid, uid)
writeFileSync(
  '/etc/appstore.yml',
  `pool: appstore
state: ${state}
policy: ${policyFile('appstore')}
proxmox: { url: "${lab.url}", token_file: ${file('token', `${lab.tokenId}=${lab.tokenSecret}\n`)}, fingerprint: "${lab.fingerprint}" }
listen: { port: 18443 }
catalog: { sources: [${source('private', 'credential')}, ${source('locked', 'wrong credential')}] }
timeouts: { network: 10s, health: 60s }
defaults: { storage: local-zfs, network: { ipv4: none } }
`,
  { mode: 0o644 },
)

const sampler = spawn(node[0] as string, [...node.slice(1), join(import.meta.dirname, '../secrets/sampler.ts')], {
  env: { PATH: '/usr/bin:/bin' },
  stdio: ['pipe', 'pipe', 'inherit'],
})
let sampled = ''
sampler.stdout.on('data', chunk => {
  sampled += String(chunk)
})
/** What the machine had there before is not of this host. */
const before = ['/tmp', '/var/tmp', '/dev/shm'].flatMap(directory =>
  readdirSync(directory).map(name => join(directory, name)),
)
const temporary = ['/tmp', '/var/tmp', '/dev/shm', '/var/lib/privexec', '/var/lib/appstore', '/var/crash']
const watched: Watched = {
  canaries: [...canaries.values()],
  directories: temporary,
  except: [...before, `${state}/appstore.db`],
}
sampler.stdin.write(`${JSON.stringify(watched)}\n`)

const config = ['--config', '/etc/appstore.yml']
const added = await runAs('appstore', [...node, program, 'account', 'add', 'alice', ...config], {
  input: `${of('login').value}\n`,
  readOnly: true,
})
if (added.exitCode !== 0) throw new Error(`account: ${added.stderr}`)
const daemon = await startDaemon([...node, program, 'serve', ...config, '--log-level', 'debug'])
const { fingerprint } = daemon

/** Runs the command as a person who uses the store. What it says is kept. */
let toldPeople = ''
async function store(args: readonly string[], input = ''): Promise<{ readonly status: number; readonly out: string }> {
  const env = { PATH: process.env.PATH ?? '', HOME: given, XDG_CONFIG_HOME: given }
  const child = spawn(node[0] as string, [...node.slice(1), program, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  let out = ''
  child.stdout.on('data', chunk => {
    out += String(chunk)
  })
  child.stderr.on('data', chunk => {
    toldPeople += String(chunk)
  })
  await once(child, 'close')
  toldPeople += out
  return { status: child.exitCode ?? 1, out }
}

const api = new Recorder(18_443)
/** What a person keeps in a file, for the command. */
const kept = (name: string, text: string): string => file(name, text, 0)
const { jobs, revealed } = await useStore({
  api,
  of,
  add: one => void canaries.set(one.name, one),
  store,
  kept,
  publish,
  fingerprint,
})

// The instruments find what is there: in an argv, an environment and a temporary file.
writeFileSync('/tmp/control', of('control').value)
spawnSync('sh', ['-c', 'sleep 0.5', of('control').core], {
  env: { CONTROL: of('control').value, PATH: '/usr/bin:/bin' },
})
spawnSync('rm', ['/tmp/control'])

const finder = new Finder([...canaries.values()])
const { unknown } = await walk(api, await api.must('GET', '/api/v1/openapi.json'))
/** Where files have a canary: path and name. */
const search = (directories: readonly string[], isAllowed: (path: string, name: string) => boolean): string[] =>
  directories.flatMap(directory =>
    filesBelow(directory, before).flatMap(path => {
      const status = statSync(path, { throwIfNoEntry: false })
      if (status === undefined || status.ctimeMs < began || status.size > 1e9) return []
      searched += 1
      return finder.in(readFileSync(path)).flatMap(name => (isAllowed(path, name) ? [] : [`${name}: ${path}`]))
    }),
  )
let searched = 0
const never = (): boolean => false
const database = search([state], never)
const isOfApp = (path: string): boolean => /\/opt\/keeper\/(?:password|generated)$/.test(path)
const isOfLab = (path: string, name: string): boolean =>
  name === 'proxmox token' && /^\/run\/lab\/(?:state|secrets)\.json$/.test(path)
const running = Object.values(lab.state.guests).flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
const inside = running.flatMap(pid => ['run', 'tmp', 'dev/shm'].map(name => `/proc/${pid}/root/${name}`))
const guests = [...search(['/run/lab/volumes'], isOfApp), ...search(inside, never)]
const keptByApp = filesBelow('/run/lab/volumes').filter(
  path => isOfApp(path) && finder.in(readFileSync(path)).length > 0,
)

sampler.stdin.end()
await once(sampler, 'close')
const seen = JSON.parse(sampled) as Seen
daemon.process.kill('SIGTERM')
await once(daemon.process, 'close')
const said = added.stdout + added.stderr + daemon.said()
git.close()
await lab.stop()
const isKept = (path: string, name: string): boolean =>
  path.startsWith(`${given}/`) ||
  path.includes('throwaway-host/') ||
  isOfLab(path, name) ||
  path.startsWith('/run/lab/volumes/')
const roots = ['/etc', '/home', '/opt', '/root', '/run', '/srv', '/tmp', '/usr/local', '/var', '/dev/shm']
const result = {
  jobs,
  unknown,
  control: seen.found.filter(text => text.startsWith('control: ')).sort(),
  keptByApp: keptByApp.length,
  revealed,
  looked: { ...seen, found: undefined, answers: api.answers.length, searched, log: said.length },
  leaks: {
    'log of the daemon': finder.in(said),
    'answers of the API': api.answers.flatMap(({ asked, headers, text, tells }) =>
      finder.in(JSON.stringify(headers) + text).flatMap(name => (tells.includes(name) ? [] : [`${name}: ${asked}`])),
    ),
    'words of the command': finder.in(toldPeople),
    'processes and temporary files': seen.found.filter(text => !text.startsWith('control: ')),
    'database and state': [...database, ...search([state], never)],
    guests,
    'files of the host': search(roots, isKept),
    'core files': roots
      .flatMap(directory => filesBelow(directory, before))
      .filter(path => /\/core(?:\.\d+)?$/.test(path) && statSync(path).ctimeMs >= began),
  },
}
process.stdout.write(`${JSON.stringify(result)}\n`)
