import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** How a command of an account runs. */
export interface RunOptions {
  /** Bytes for stdin; without it stdin is empty. */
  readonly input?: string | Uint8Array
  /** Added to the environment that login would give (HOME, USER, LOGNAME, SHELL, PATH); nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>
  /** As the account sees it; default `/`. */
  readonly cwd?: string
  /** In the read-only mount namespace of the service, which is the default, or in the host's own. */
  readonly readOnly?: boolean
  /** Milliseconds until SIGKILL, which reaches this process only, not what root started for it. */
  readonly timeout?: number
}

/** Options of {@link startAs}; `stdio` as `child_process.spawn` takes it, default three pipes. */
export interface StartOptions extends Omit<RunOptions, 'input' | 'timeout'> {
  readonly stdio?: NonNullable<SpawnOptions['stdio']>
  /** Runs the command as leader of a new session and process group. */
  readonly detached?: boolean
}

/** What a finished command left; exactly one of `exitCode` and `signal` is null. */
export interface RunResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Directories that stay writable in the service namespace of an account, as ReadWritePaths= of its unit would say. */
const writable: Readonly<Record<string, readonly string[]>> = {
  appstore: ['/var/lib/appstore', '/var/log/privexec', '/var/lib/privexec/staging/appstore'],
  alice: ['/home/alice', '/var/log/privexec', '/var/lib/privexec/staging/pgd'],
  mallory: ['/home/mallory'],
}

/**
 * Runs a command as an account and waits for it. The argv goes to execve as it is, by no shell. A failure of the
 * command is in the result; only a namespace that cannot be made throws.
 */
export async function runAs(user: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, timeout, ...rest } = options
  const child = await startAs(user, argv, rest)
  const timer = timeout === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeout)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin?.on('error', () => {}) // EPIPE: a command need not read its input
  child.stdin?.end(input)
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  return { exitCode, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** Starts a command as an account; the child is the command itself, since everything before it only calls execve. */
export async function startAs(
  user: string,
  argv: readonly string[],
  options: StartOptions = {},
): Promise<ChildProcess> {
  const { env = {}, cwd = '/', readOnly = true, stdio = 'pipe', detached = false } = options
  const enter = readOnly ? ['nsenter', `--mount=/proc/${await serviceNamespace(user)}/ns/mnt`, '--'] : []
  const become = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--reset-env', '--']
  // env(1) changes the directory as the account, after the namespace is entered, and keeps the argv as it is.
  const prepare = ['env', `--chdir=${cwd}`, '--', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  const [file = 'env', ...args] = [...enter, ...become, ...prepare, ...argv]
  return spawn(file, args, { stdio, detached, cwd: '/' })
}

/** Runs a script of this repository on this Node as an account; types are stripped as usual. */
export function runScriptAs(
  user: string,
  script: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunResult> {
  const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`
  return runAs(user, [process.execPath, '--conditions=@broker/source', script, ...args], {
    ...options,
    env: { PATH: path, ...options.env },
  })
}

const namespaces = new Map<string, Promise<number>>()

/** Process id that holds the service namespace of an account; made at first use, gone with this process. */
export function serviceNamespace(user: string): Promise<number> {
  let holder = namespaces.get(user)
  if (holder === undefined) {
    holder = makeNamespace(user)
    namespaces.set(user, holder)
  }
  return holder
}

async function makeNamespace(user: string): Promise<number> {
  const script = join(import.meta.dirname, 'service-namespace.sh')
  const args = ['--mount', '--propagation', 'slave', 'sh', script, ...(writable[user] ?? [])]
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`no namespace for ${user}: exit ${code}`)),
  )
  exited.catch(() => {})
  await Promise.race([once(createInterface(child.stdout), 'line'), exited])
  // It ends when our end of its stdin closes; until then it must not keep Node alive.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()
  return child.pid ?? Promise.reject(new Error(`no namespace for ${user}`))
}
