import { type Canary, found } from './canaries.ts'
import type { Recorder } from './recorder.ts'

/** What a use of the store needs. */
export interface Tools {
  readonly api: Recorder
  readonly of: (name: string) => Canary
  /** Looks for another one, too. */
  readonly add: (canary: Canary) => void
  /** Runs the command. */
  readonly store: (
    args: readonly string[],
    input?: string,
  ) => Promise<{ readonly status: number; readonly out: string }>
  /** Writes a file of a person's, and gives its path. */
  readonly kept: (name: string, text: string) => string
  readonly publish: (version: string) => void
  readonly fingerprint: string
}

/** What came of it: the states of jobs by what was asked, and whether the owner gets a secret back. */
export interface Used {
  readonly jobs: Readonly<Record<string, string>>
  readonly revealed: readonly boolean[]
}

const base = '/api/v1'

/** Sends secrets by every way that there is for one, also where they are refused, and where what uses them fails. */
export async function useStore(tools: Tools): Promise<Used> {
  await logIn(tools)
  const { api, of, publish } = tools
  const accept = async (): Promise<void> => {
    const { json } = await api.must('POST', `${base}/catalog/check`, { body: {} })
    const { commit } = json.sources[0].offered
    await api.must('POST', `${base}/catalog/sources/private/accept`, { body: { commit } })
  }
  await accept()
  await refused(tools)
  const jobs: Record<string, string> = {}
  const act = async (what: string, path: string, body: unknown): Promise<void> => {
    const { json } = await api.must('POST', `${base}${path}`, { body })
    jobs[what] = (await api.ended(json.id)).state
  }
  const consentOf = async (body: object): Promise<object> => {
    const { json } = await api.must('POST', `${base}/installs/plan`, { body })
    return { ...body, consent: json.consent.hash }
  }
  const install = async (what: string, name: string, apps: readonly object[]): Promise<void> =>
    act(what, '/installs', await consentOf({ name, apps }))
  const keeper = (secret: string, more: object = {}, app = 'keeper'): object => ({
    app,
    inputs: { password: of(secret).value, ...more },
  })

  await byCommand(tools, jobs)
  const generated = await reveal(tools, 'one', 'generated')
  tools.add(found('generated', generated))
  const revealed = [/^\w{32}$/.test(generated), (await reveal(tools, 'one', 'password')) === of('install').value]
  const beside = Promise.all([
    install('stack', 'pair', [keeper('stack'), keeper('second of stack', {}, 'keeper-two')]),
    install('failed install', 'broken', [keeper('failed install', { manner: 'fails' })]),
  ])
  const change = (secret: string, more: object = {}): object => ({
    inputs: { keeper: { password: of(secret).value, ...more } },
  })
  await act('reconfigure', '/installs/one/reconfigure', change('reconfigure'))
  await act('failed reconfigure', '/installs/one/reconfigure', change('failed reconfigure', { manner: 'fails' }))
  revealed.push((await reveal(tools, 'one', 'password')) === of('reconfigure').value)
  await beside
  publish('1.1.0')
  await accept()
  await act('upgrade', '/installs/one/upgrade', { safety: 'snapshot' })
  await act('uninstall', '/installs/one/uninstall', { keep: true })
  await act('reinstall', '/installs/one/reinstall', {})
  const again = await reveal(tools, 'one', 'generated')
  tools.add(found('generated again', again))
  await api.must('POST', `${base}/doctor`, { body: {} })
  return { jobs, revealed }
}

/** The page's login, a wrong one, another password, another account, and a token. */
async function logIn({ api, of, add }: Tools): Promise<void> {
  const login = (account: string, name: string, tells: readonly string[] = []) =>
    api.ask('POST', `${base}/login`, { body: { account, password: of(name).value }, tells })
  await login('alice', 'wrong login')
  const session = async (name: string): Promise<void> => {
    const answer = await login('alice', name, [`session of ${name}`])
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    add(found(`session of ${name}`, cookie.slice(cookie.indexOf('=') + 1)))
    api.headers = { cookie, 'x-csrf-token': answer.json.csrf }
  }
  await session('login')
  const passwords = { current: of('login').value, next: of('next login').value }
  await api.must('PUT', `${base}/me/password`, { body: passwords })
  await session('next login')
  await api.must('POST', `${base}/accounts`, { body: { name: 'bob', role: 'viewer', password: of('account').value } })
  const scopes = ['read', 'operate', 'install', 'console', 'admin']
  const { json } = await api.must('POST', `${base}/tokens`, { body: { label: 'a test', scopes }, tells: ['token'] })
  add(found('token', /^appstore_[^_]+_(.+)$/.exec(json.text)?.[1] ?? ''))
  api.headers = { authorization: `Bearer ${json.text}` }
}

/** Requests that are refused do not tell what was in them. */
async function refused({ api, of }: Tools): Promise<void> {
  const secret = of('refused').value
  const bodies: readonly unknown[] = [
    { name: 'x', apps: [{ app: 'keeper', inputs: { password: secret, none: secret } }] },
    { name: 'x', apps: [{ app: 'keeper', inputs: { password: { text: secret } } }] },
    { name: 'x', apps: [{ app: 'keeper', inputs: { password: [secret] } }] },
    { name: 'x', apps: [{ app: 'keeper', inputs: { password: `${secret}${'x'.repeat(70_000)}` } }] },
    { name: 'x', apps: [{ app: 'keeper', inputs: { password: `${secret}\n${secret}` } }], storage: 'none' },
  ]
  for (const body of bodies) {
    for (const path of ['/installs', '/installs/plan']) await api.ask('POST', `${base}${path}`, { body })
  }
  const declaration = { version: 1, installs: bodies }
  await api.ask('POST', `${base}/declaration/plan`, { body: declaration })
  await api.ask('POST', `${base}/declaration/apply`, { body: { declaration, secrets: { password: { secret } } } })
  await api.ask('POST', `${base}/login`, { body: { account: 'alice', password: { secret } } })
  await api.ask('POST', `${base}/login`, { body: { account: 'bob', password: 'x', extra: secret } })
  await api.ask('GET', `${base}/me`, { headers: { authorization: `Bearer ${of('refused').core}` } })
}

/** Installs by the command, whose secrets come from files, and applies a declaration. */
async function byCommand({ store, kept, of, fingerprint }: Tools, jobs: Record<string, string>): Promise<void> {
  const must = async (args: readonly string[], input?: string): Promise<string> => {
    const { status, out } = await store(args, input)
    if (status !== 0) throw new Error(`appstore ${args.join(' ')}: ${status} ${out}`)
    return out
  }
  const login = ['login', 'https://127.0.0.1:18443', '--account', 'alice', '--fingerprint', fingerprint]
  await must(login, `${of('next login').value}\n`)
  const password = kept('password', of('install').value)
  const install = ['install', 'keeper', '--name', 'one', '--set-file', `password=${password}`, '--yes', '--json']
  jobs.install = JSON.parse(await must(install)).job.state
  const app = { app: 'keeper', source: 'private' }
  const declared = { version: 1, installs: [{ name: 'declared', apps: [app] }] }
  const declaration = kept('declaration.yml', JSON.stringify(declared))
  const torn = kept('torn.yml', `declared/keeper/password: secret: ${of('torn file').core}\n`)
  await store(['apply', declaration, '--secrets', torn, '--yes', '--json'])
  const secrets = kept('secrets.yml', JSON.stringify({ 'declared/keeper/password': of('apply').value }))
  await must(['plan', declaration, '--json'])
  const applied = JSON.parse(await must(['apply', declaration, '--secrets', secrets, '--yes', '--json'])).jobs
  const shown = JSON.parse(await must(['show', 'declared', '--json'])).install
  jobs.apply = applied.length === 1 ? shown.status : 'none'
  for (const line of ['export', 'list --json', 'jobs --json', 'show one --json', 'doctor --json'])
    await store(line.split(' '))
}

/** What the owner gets who asks for a secret. */
async function reveal({ api }: Tools, install: string, key: string): Promise<string> {
  const tells = ['install', 'reconfigure', 'generated', 'generated again']
  return (await api.must('GET', `${base}/installs/${install}/secrets/keeper/${key}`, { tells })).json.value
}
