import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Report, Step } from './step.ts'
import { pageAnswers } from './store-page.ts'

/** How a command of the app store ended, and the object that it printed. */
export interface Said {
  readonly exitCode: number | null
  readonly answer: Readonly<Record<string, unknown>>
  readonly stderr: string
}

/** Runs `appstore` with these words and `--json`. */
export type Appstore = (args: readonly string[]) => Promise<Said>

interface Scene {
  readonly appstore: Appstore
  readonly url: string
  readonly fingerprint: string
  readonly part: string
  readonly report: Report
}

const app = 'hello-web'

/** From the catalog to an app that answers, by the command; then the page. */
export async function storeSteps({ appstore, url, fingerprint, part, report }: Scene): Promise<void> {
  const step = async (title: string, args: readonly string[], judge: (said: Said) => Pick<Step, 'ok' | 'lines'>) => {
    const began = performance.now()
    const said = await appstore(args)
    const { ok, lines } = judge(said)
    const told = ok ? lines : [...lines, said.stderr.trim()]
    report({ part, title, argv: ['appstore', ...args], ms: performance.now() - began, ok, lines: told })
    return said
  }
  const wanted = [app, '--name', 'hello', '--set', `port=${await freePort()}`]
  await step('lists the catalog of the repository', ['catalog', 'list'], ({ answer }) => {
    const apps = (answer.apps ?? []) as { readonly id: string; readonly description: string }[]
    return { ok: apps.some(({ id }) => id === app), lines: apps.map(({ id, description }) => `${id}: ${description}`) }
  })
  await step('says all that an install would do, and does nothing', ['install', ...wanted, '--dry-run'], plannedActions)
  const { exitCode, stderr } = await step('installs it', ['install', ...wanted, '--yes'], said =>
    said.stderr.includes('PRIVILEGED_UNAVAILABLE')
      ? { ok: true, lines: ['nothing can run in guests here: what was begun is taken back', said.stderr.trim()] }
      : { ok: said.exitCode === 0, lines: [] },
  )
  if (exitCode === 0 || !stderr.includes('PRIVILEGED_UNAVAILABLE')) {
    const { answer } = await step('shows it', ['show', 'hello'], said => {
      const { vmid, live } = (said.answer.install ?? {}) as { vmid?: number; live?: { state: string } }
      return { ok: live?.state === 'running', lines: [`guest ${vmid} is ${live?.state}`] }
    })
    report(await appAnswers(part, answer))
  }
  await step("refuses somebody else's guest", ['adopt', '104', '--yes'], ({ exitCode, stderr }) => ({
    ok: exitCode === 78,
    lines: exitCode === 78 ? [(JSON.parse(stderr) as { error: { message: string } }).error.message] : [],
  }))
  report(await pageAnswers(part, url, fingerprint))
}

function plannedActions({ answer }: Said): Pick<Step, 'ok' | 'lines'> {
  const { actions = [] } = (answer.plan ?? {}) as { readonly actions?: readonly { readonly action: string }[] }
  const changes = actions.map(({ action }) => action).filter(action => !action.startsWith('GET'))
  return {
    ok: actions.length > 0,
    lines: [`${actions.length} calls and commands: ${changes.slice(0, 3).join(', ')}, …`],
  }
}

/** Reads the page that the app serves from its guest. */
async function appAnswers(part: string, shown: Said['answer']): Promise<Step> {
  type App = { readonly outputs: readonly { readonly value?: string }[] }
  const { apps = [] } = (shown.install ?? {}) as { readonly apps?: readonly App[] }
  const values = apps.flatMap(({ outputs }) => outputs.map(({ value }) => value ?? ''))
  const url = values.find(value => value.startsWith('http')) ?? 'the install names no address'
  const page = await fetch(url).then(
    answer => answer.text(),
    error => String(error),
  )
  const heading = /<h1[^>]*>([^<]*)/.exec(page)?.[1]?.trim()
  const lines = [`${url}: ${heading ?? page.slice(0, 200)}`]
  return { part, title: 'the app answers from its guest', ok: heading !== undefined, lines }
}

/** Guests of the lab are on the network of the machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
