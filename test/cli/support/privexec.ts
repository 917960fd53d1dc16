import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type RunResult, runScriptAs } from '../../host/service.ts'

/** The command, from its sources. */
export const main = join(import.meta.dirname, '../../../packages/privexec/src/cli/main.ts')

/** A policy of the repository. */
export const policyFile = (name: string): string => join(import.meta.dirname, '../../../policies', `${name}.yaml`)

/** A policy of the examples, by its transport. */
export const example = (transport: string, name: string): string =>
  join(import.meta.dirname, '../../../policies/examples', transport, `${name}.yaml`)

/** A Node that only root can replace: the one that runs this, or a copy of it. */
export function rootsNode(): string {
  const isRoots = (path: string): boolean => {
    const { uid, mode } = statSync(path)
    return uid === 0 && (mode & 0o022) === 0 && (path === '/' || isRoots(dirname(path)))
  }
  const copy = '/usr/local/lib/node-of-root'
  if (isRoots(process.execPath)) return process.execPath
  if (!existsSync(copy)) copyFileSync(process.execPath, copy)
  chmodSync(copy, 0o755)
  return copy
}

/** Builds the root-side broker, which install puts in place. */
export function bundle(): void {
  const script = join(import.meta.dirname, '../../../packages/privexec/scripts/bundle.ts')
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${script}: ${stderr}`)
}

/** Runs `privexec` as root in the host's own namespace. */
export function asRoot(...args: string[]): RunResult {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', NODE_COMPILE_CACHE: '/run/node-cache' },
  })
  return { exitCode: status, signal, stdout, stderr }
}

/** Of a service, /tmp is its own. Without a cache, most of the time would go into reading the sources again. */
export const accountEnv = { NODE_COMPILE_CACHE: '/tmp/node-cache' }

/** Runs `privexec` as an account, in the read-only namespace of a service. */
export const asAccount = (user: string, args: readonly string[], input = ''): Promise<RunResult> =>
  runScriptAs(user, main, args, { input, env: accountEnv })
