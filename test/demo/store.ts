import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { unprivileged } from '../support/unprivileged.ts'
import { untilLookedAt } from './look.ts'
import type { Report } from './step.ts'
import { type Appstore, type Said, storeSteps } from './store-steps.ts'

const repository = join(import.meta.dirname, '../..')
const node = [process.execPath, '--conditions=@broker/source']
const program = [...node, join(repository, 'apps/appstore/src/cli/main.ts')]

interface Served {
  readonly url: string
  readonly fingerprint: string
  readonly account: string
  readonly password: string
  readonly token: string
}

/** The app store while the demo goes on. */
interface RunningStore {
  readonly served: Served
  /** Uninstalls what is installed, and ends the daemon. Returns what went wrong. */
  stop(): Promise<string[]>
}

/**
 * Runs the app store while something else goes on: starts `appstore serve --lab`, and installs an app of the catalog by the
 * command. Where somebody may look, they can do so at the end. Nothing of it stays; returns what went wrong at the end.
 */
export async function withStore(
  report: Report,
  { mayLook }: { readonly mayLook: boolean },
  meanwhile: () => void = () => {},
): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'appstore-demo-'))
  // Guests of the lab are accounts of their own.
  chmodSync(directory, 0o755)
  try {
    const as = await accountWithContainers()
    if (as.length > 0) chownSync(directory, 65534, 65534)
    const part = `the app store against its lab, a Proxmox API of ours${as.length > 0 ? ', as an account without rights' : ''}`
    await buildPage(part, report)
    const store = await startStore(directory, { as, part, report })
    try {
      meanwhile()
      if (store && mayLook) await untilLookedAt(wordsOf(store.served))
    } catch (error) {
      await store?.stop()
      throw error
    }
    return (await store?.stop()) ?? []
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const wordsOf = ({ url, account, password, fingerprint }: Served): string[] => [
  `the page of the app store: ${url}`,
  `its account ${account} has the password ${password}`,
  `SHA-256 of its certificate: ${fingerprint}`,
]

/** Words before a command: root's right is used only where other accounts cannot make containers. */
async function accountWithContainers(): Promise<readonly string[]> {
  if (unprivileged.length === 0) return []
  const script = `import { namespacesMissing } from '${repository}/packages/proxmox-lab/src/index.ts'
    process.exit(await namespacesMissing() === undefined ? 0 : 1)`
  const { exitCode } = await run([...unprivileged, ...node, '--input-type=module-typescript', '--eval', script], {
    cwd: tmpdir(),
    env: process.env,
  })
  return exitCode === 0 ? unprivileged : []
}

/** It is built into the repository; where this account may not write there, the page stays as it was built before. */
async function buildPage(part: string, report: Report): Promise<void> {
  const began = performance.now()
  const script = 'apps/appstore/scripts/build-page.ts'
  const { exitCode, stderr } = await run([process.execPath, script], { cwd: repository, env: process.env })
  const isForbidden = /EACCES|EROFS/.test(stderr)
  const told = isForbidden ? 'this account may not write here: it stays as it was built before' : stderr.trim()
  const lines = exitCode === 0 ? [] : [told]
  const ok = exitCode === 0 || isForbidden
  report({ part, title: 'builds the page', argv: ['node', script], ok, ms: performance.now() - began, lines })
}

interface Starting {
  readonly as: readonly string[]
  readonly part: string
  readonly report: Report
}

async function startStore(directory: string, { as, part, report }: Starting): Promise<RunningStore | undefined> {
  const mark = process.env.PRIVEXEC_DEMO
  // By the mark the demo finds what was left running.
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: directory, ...(mark && { PRIVEXEC_DEMO: mark }) }
  const serve = ['serve', '--lab', '--port', '0', '--state', join(directory, 'state')]
  const began = performance.now()
  const [command = '', ...words] = [...as, ...program, ...serve, '--json']
  const daemon = spawn(command, words, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const complaint = text(daemon.stderr)
  const closed = once(daemon, 'close')
  const served = await firstObject<Served>(daemon.stdout)
  const step = { part, title: 'starts the daemon', argv: ['appstore', ...serve], ms: performance.now() - began }
  if (served === undefined) {
    report({ ...step, ok: false, lines: (await complaint).trim().split('\n').slice(0, 5) })
    return undefined
  }
  report({ ...step, ok: true, lines: [`its page is at ${served.url}`] })
  const { url, fingerprint, token } = served
  const login = { APPSTORE_URL: url, APPSTORE_TOKEN: token, APPSTORE_FINGERPRINT: fingerprint }
  const appstore: Appstore = async args => {
    const said = await run([...as, ...program, ...args, '--json'], { cwd: directory, env: { ...env, ...login } })
    return { ...said, answer: said.stdout === '' ? {} : JSON.parse(said.stdout) }
  }
  await storeSteps({ appstore, url, fingerprint, part, report })
  return {
    served,
    stop: async () => {
      const wrong = await uninstallAll(appstore)
      daemon.kill('SIGTERM')
      await closed
      const said = (await complaint).trim()
      return said === '' ? wrong : [...wrong, `the daemon of the app store said: ${said}`]
    },
  }
}

async function uninstallAll(appstore: Appstore): Promise<string[]> {
  const { answer } = await appstore(['list'])
  const wrong: string[] = []
  for (const { name } of (answer.installs ?? []) as { readonly name: string }[]) {
    const { exitCode, stderr } = await appstore(['uninstall', name, '--yes'])
    if (exitCode !== 0) wrong.push(`the install ${name}: ${stderr.trim()}`)
  }
  return wrong
}

/** Runs a program to its end. */
async function run(
  [command = '', ...words]: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Omit<Said, 'answer'> & { readonly stdout: string }> {
  const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [[exitCode], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { exitCode: exitCode as number | null, stdout, stderr }
}

/** The first line that a program writes, as the object that it is; undefined when it ends before. */
async function firstObject<T>(stream: NodeJS.ReadableStream): Promise<T | undefined> {
  for await (const line of createInterface(stream)) return JSON.parse(line) as T
  return undefined
}
