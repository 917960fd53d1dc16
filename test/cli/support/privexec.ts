import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type RunResult, runScriptAs } from '../../host/service.ts'

/** The command, from its sources. */
export const main = join(import.meta.dirname, '../../../packages/privexec/src/cli/main.ts')

/** A policy of the repository. */
export const policyFile = (name: string): string => join(import.meta.dirname, '../../../policies', `${name}.yaml`)

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
