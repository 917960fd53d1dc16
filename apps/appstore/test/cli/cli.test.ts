import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namespacesMissing } from '@broker/proxmox-lab'
import t from 'tap'
import { type Test, temporaryDirectory } from '../support/store.ts'

const program = join(import.meta.dirname, '../../src/cli/main.ts')

/** tap adds to the environment of what is spawned; the command is to be as a user starts it. */
const clean = { PATH: process.env.PATH ?? '', NODE_OPTIONS: '--conditions=@broker/source', NO_COLOR: '1' }

interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...clean, ...env } })
  child.stdin.end(input)
  const [out, err] = await Promise.all([textOf(child, 'stdout'), textOf(child, 'stderr'), once(child, 'close')])
  return { status: child.exitCode ?? -1, out, err }
}

async function textOf(child: ChildProcess, name: 'stdout' | 'stderr'): Promise<string> {
  let text = ''
  for await (const chunk of child[name] ?? []) text += String(chunk)
  return text
}

/** Starts a lab, and gives back how commands reach it. */
async function lab(
  t: Test,
): Promise<{ env: Record<string, string>; url: string; password: string; fingerprint: string }> {
  const state = temporaryDirectory(t)
  const child = spawn(process.execPath, [program, 'serve', '--lab', '--state', state, '--port', '0', '--json'], {
    env: clean,
  })
  let said = ''
  child.stderr.on('data', chunk => {
    said += String(chunk)
  })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'close')
  })
  let line = ''
  for await (const chunk of child.stdout) {
    line += String(chunk)
    if (line.includes('\n')) break
  }
  if (!line.includes('\n')) throw new Error(said)
  const { url, token, fingerprint, password } = JSON.parse(line) as Record<
    'url' | 'token' | 'fingerprint' | 'password',
    string
  >
  return {
    env: { APPSTORE_URL: url, APPSTORE_TOKEN: token, APPSTORE_FINGERPRINT: fingerprint },
    url,
    password,
    fingerprint,
  }
}

t.test('an app is installed, looked at and removed by the command', async t => {
  const missing = await namespacesMissing()
  const { env } = await lab(t)
  t.match(JSON.parse((await run(['status', '--json'], env)).out), {
    schema: 'appstore/1',
    status: { lab: true, pool: 'appstore' },
  })
  t.match((await run(['catalog', 'list'], env)).out, /^hello-web\s+1\.0\.0\s+lab\s+0/m)
  const plan = await run(['install', 'hello-web', '--dry-run', '--json'], env)
  t.match(JSON.parse(plan.out), { plan: { actions: [{ action: 'POST /nodes/lab/lxc' }] } })
  t.match(await run(['install', 'hello-web'], env), { status: 64, err: /Nobody can be asked here: give --yes/ })
  if (missing !== undefined) return t.comment(`no containers here, nothing is installed: ${missing}`)
  const installed = await run(['install', 'hello-web', '--yes', '--set', 'port=18090'], env)
  t.match(installed, { status: 0, err: /• Install the app/ })
  t.match((await run(['list'], env)).out, /^hello-web\s+running\s+20000\s+127\.0\.0\.1/m)
  const page = await fetch('http://127.0.0.1:18090/')
  t.match(await page.text(), /Hello from your own server/)
  t.match((await run(['show', 'hello-web'], env)).out, /http:\/\/127\.0\.0\.1:18090\//)
  t.match(await run(['install', 'hello-web', '--yes'], env), { status: 73, err: /APPSTORE_EXISTS/ })
  t.match(await run(['uninstall', 'hello-web', '--yes'], env), { status: 0 })
  t.match(JSON.parse((await run(['list', '--json'], env)).out), { installs: [] })
  t.match((await run(['jobs'], env)).out, /uninstall\s+succeeded\s+admin/)
})

t.test('a stack, the places of the node, accounts, tokens and sessions are reached by the command', async t => {
  const { env, password } = await lab(t)
  const json = async (args: readonly string[], input?: string) =>
    JSON.parse((await run([...args, '--json'], env, input)).out)
  t.match(await json(['catalog', 'stacks']), { stacks: [{ id: 'web-pair', apps: ['hello-web', 'notes'] }] })
  t.match(await run(['catalog', 'show', 'hello-web', '--readme'], env), { status: 0, out: /^# Hello Web\n/ })
  const secret = join(temporaryDirectory(t), 'password')
  writeFileSync(secret, 'long enough')
  const stack = ['install', '--stack', 'web-pair', '--set-file', `notes/password=${secret}`, '--volume', 'notes/data=3']
  const { plan } = await json([...stack, '--dry-run'])
  t.equal(plan.name, 'web-pair')
  const [{ parameters }] = plan.actions
  t.match(parameters, { hostname: 'web-pair', memory: '512', mp0: /^[\w-]+:3,/ })
  t.match(await run(['install', '--stack', 'web-pair', '--set', 'port=1'], env), { status: 64, err: /of which app/ })
  t.match(await run(['install', '--stack', 'none'], env), { status: 66 })
  t.match(await run(['install'], env), { status: 64, err: /Name an app/ })
  t.match(await json(['places']), { places: { storages: [{ name: 'local' }, { name: 'local-zfs' }] } })
  t.match(await json(['audit']), { verification: { state: 'unavailable' } })

  t.match(await run(['account', 'add', 'bob', '--role', 'viewer'], env, 'a long enough one\n'), { status: 0 })
  t.match(await run(['account', 'role', 'bob', 'operator'], env), { status: 0 })
  t.match(await json(['account', 'list']), { accounts: [{ name: 'admin' }, { name: 'bob', role: 'operator' }] })
  t.match(await run(['account', 'remove', 'bob'], env), { status: 64, err: /give --yes/ })
  t.match(await run(['account', 'remove', 'bob', '--yes'], env), { status: 0 })

  const made = await json(['token', 'make', 'ci', '--scope', 'read'], `${password}\n`)
  const limited = { ...env, APPSTORE_TOKEN: made.token }
  t.match(await run(['list'], limited), { status: 0 })
  t.match(await run(['account', 'list'], limited), { status: 77 })
  const { tokens } = await json(['token', 'list'])
  const [{ id }] = tokens.filter(({ label }: { label: string }) => label === 'ci')
  t.match(await run(['token', 'remove', id], env), { status: 0 })
  t.match(await run(['list'], limited), { status: 67 })
  t.match(await json(['session', 'list']), { sessions: [] })
})

t.test('a person logs in, and the token is kept for them alone', async t => {
  const { url, password, fingerprint } = await lab(t)
  const home = temporaryDirectory(t)
  const login = await run(['login', url, '--fingerprint', fingerprint], { XDG_CONFIG_HOME: home }, `${password}\n`)
  t.match(login, { status: 0, out: /Logged in; the token is in/ })
  t.match(await run(['status'], { XDG_CONFIG_HOME: home }), { status: 0, out: /Proxmox\s+9/ })
  const other = fingerprint.replace(/^../, two => (two === '00' ? '11' : '00'))
  const refused = await run(['login', url, '--fingerprint', other], { XDG_CONFIG_HOME: home }, `${password}\n`)
  t.match(refused, { status: 69, err: /the certificate is another one/ })
  t.match(await run(['login', url, '--fingerprint', fingerprint], { XDG_CONFIG_HOME: home }, 'wrong\n'), { status: 67 })
})

t.test('what is wrong with a command line is told, with its status', async t => {
  const env = { APPSTORE_URL: 'https://127.0.0.1:1', APPSTORE_TOKEN: 'x', XDG_CONFIG_HOME: '/nonexistent' }
  t.match(await run([]), { status: 64, err: /a command is needed/ })
  t.match(await run(['lisst']), { status: 64, err: /APPSTORE_USAGE/ })
  for (const word of ['-_', '--_=web', '--no-_']) t.match(await run(['show', word]), { status: 64, err: /argument: _/ })
  t.match(await run(['list'], { XDG_CONFIG_HOME: '/nonexistent' }), { status: 67, err: /appstore login/ })
  t.match(await run(['list', '--json'], env), { status: 69, err: /"code":"APPSTORE_STORE_UNAVAILABLE"/ })
  t.match(await run(['install', 'x', '--set', 'nothing'], env), { status: 64, err: /KEY=VALUE/ })
  t.match(await run(['--help']), { status: 0, out: /appstore serve[\s\S]*Exit status: 0 done/ })
  t.match(await run(['serve', '--config', '/nonexistent']), { status: 65, err: /APPSTORE_CONFIG_INVALID/ })
})

t.test('the first account is made on the database itself', async t => {
  const state = temporaryDirectory(t)
  t.match(await run(['account', 'add', 'alice', '--state', state], {}, 'correct horse battery\n'), { status: 0 })
  t.match(await run(['account', 'add', 'alice', '--state', state], {}, 'correct horse battery\n'), { status: 73 })
  t.match(await run(['account', 'add', 'bob', '--state', state], {}, 'short\n'), { status: 65 })
  writeFileSync(join(state, 'appstore.db'), 'no database, and long enough to be looked at as one'.repeat(50))
  t.match(await run(['account', 'add', 'eve', '--state', state], {}, 'correct horse battery\n'), { status: 69 })
})
