import { spawn } from 'node:child_process'
import { escapeValue } from '@broker/privexec/escape'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { AppstoreError } from '../../errors/error.ts'

/** Limits of the git program, which reads what strangers wrote. */
export interface GitLimits {
  /** Milliseconds for one call. */
  readonly time: number
  /** Largest file that it may write, such as a pack, in bytes. */
  readonly file: number
  /** Most bytes of output that are kept. */
  readonly output: number
}

export const usualLimits: GitLimits = { time: 120_000, file: 268_435_456, output: 67_108_864 }

export interface GitOptions {
  /** Bare repository; left out for a call that needs none. */
  readonly repository?: string
  /** Settings beside the usual ones, `key=value`; never a secret. */
  readonly settings?: readonly string[]
  readonly sshCommand?: string
  readonly stdin?: string
  readonly limits?: Partial<GitLimits>
  readonly signal?: AbortSignal | undefined
}

/** Nothing of a repository is run, nothing of the machine's configuration is read, and only these protocols are spoken. */
const settings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.bigFileThreshold=1m',
  'credential.helper=',
  'fetch.fsckObjects=true',
  'transfer.fsckObjects=true',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'pack.threads=1',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.ssh.allow=always',
  'protocol.file.allow=always',
]

const environment: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ALLOW_PROTOCOL: 'https:ssh:file',
}

/** Most address space in bytes: a small pack can claim to unpack into a huge object. */
const memory = 2_147_483_648

/**
 * Runs git with these arguments; resolves with what it wrote. The caller puts `--` or `--end-of-options` before values.
 * @throws {AppstoreError} `APPSTORE_CATALOG_UNAVAILABLE` when it fails, `APPSTORE_TIMED_OUT`, `APPSTORE_CANCELLED`.
 */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  throwIfCancelled(options.signal)
  const limits = { ...usualLimits, ...options.limits }
  const all = [
    ...[`--fsize=${limits.file}`, `--as=${memory}`, '--core=0', '/usr/bin/git'],
    ...(options.repository === undefined ? [] : [`--git-dir=${options.repository}`]),
    ...[...settings, ...(options.settings ?? [])].flatMap(setting => ['-c', setting]),
    ...args,
  ]
  const env = options.sshCommand === undefined ? environment : { ...environment, GIT_SSH_COMMAND: options.sshCommand }
  const child = spawn('/usr/bin/prlimit', all, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let stderr = ''
    let ended: AppstoreError | undefined
    // The helpers of git are in its process group.
    const end = (reason: AppstoreError) => {
      ended ??= reason
      if (child.pid !== undefined) endGroup(child.pid)
    }
    const cancelled = () => end(cancelReason(options.signal))
    const late = () => end(new AppstoreError('APPSTORE_TIMED_OUT', `git did not end within ${limits.time / 1000} s`))
    const timer = setTimeout(late, limits.time)
    options.signal?.addEventListener('abort', cancelled, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limits.output) chunks.push(chunk)
      else end(new AppstoreError('APPSTORE_CATALOG_UNAVAILABLE', 'git wrote more than is read', { program: 'git' }))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-4000)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
    const settle = (code: number | null, cause?: unknown) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancelled)
      if (ended) reject(ended)
      else if (code === 0) resolve(Buffer.concat(chunks))
      else reject(failure(args[0] ?? '', code, stderr, cause))
    }
    child.on('error', error => settle(null, error))
    child.on('close', code => settle(code))
  })
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function cancelReason(signal: AbortSignal | undefined): AppstoreError {
  try {
    throwIfCancelled(signal)
  } catch (error) {
    return error as AppstoreError
  }
  return new AppstoreError('APPSTORE_CANCELLED', 'cancelled')
}

function failure(verb: string, code: number | null, stderr: string, cause: unknown): AppstoreError {
  const said = stderr.trim().split('\n').slice(-3).join(' / ')
  const words = said === '' ? '' : `: ${escapeValue(said, 400)}`
  return new AppstoreError('APPSTORE_CATALOG_UNAVAILABLE', `git ${verb} failed${words}`, {
    program: 'git',
    ...(code === null ? {} : { exitCode: code }),
    stderr: escapeValue(stderr, 4000),
    ...(cause === undefined ? {} : { cause }),
  })
}
