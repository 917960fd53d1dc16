import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { docker, imageVersion } from '../host/docker.ts'
import { runAs } from '../host/service.ts'
import { startZfsBroker } from '../pgd/support/zfs-broker.ts'
import { unprivileged } from '../support/unprivileged.ts'
import { branchSteps } from './branches.ts'
import type { Report } from './step.ts'

const main = join(import.meta.dirname, '../../apps/pgd/src/cli/main.ts')
const command = [process.execPath, '--conditions=@broker/source', main]

/** Starts a Docker engine on the throwaway host while other steps go on; settles when it answers. */
export async function startEngine(): Promise<void> {
  const script = `import { prepareHost } from '${join(import.meta.dirname, '../host/prepare.ts')}'; prepareHost({ docker: true })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  if (status !== 0) throw new Error('the Docker engine of the throwaway host does not start')
}

/**
 * Databases on the throwaway host, by its best means: user-space ZFS, of which the root-side broker carries out typed
 * verbs, and a Docker engine. What is made is gone afterwards.
 */
export async function databaseSteps(engine: Promise<void>, report: Report): Promise<void> {
  await engine
  const daemon = await startZfsBroker()
  try {
    const env = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: '/home/alice',
      NODE_COMPILE_CACHE: '/tmp/node-cache',
    }
    const part = 'alice branches a database: ZFS by verbs of the root-side broker, servers in Docker'
    const create = ['--pg-version', String(imageVersion())]
    const pgd = (args: readonly string[]) =>
      runAs('alice', [...command, ...args], { readOnly: false, env, timeout: 60_000 })
    await branchSteps({ part, pgd, create, report })
    const datasets = spawnSync('/usr/sbin/zfs', ['list', '-rH', '-o', 'name', '-t', 'all', 'tank/pgd/databases'], {
      encoding: 'utf8',
    }).stdout
    // Root made these two by hand, for the steps above.
    const left = datasets
      .split('\n')
      .filter(name => name !== '' && !/^tank\/pgd\/databases(?:\/shop(?:\/main)?)?$/.test(name))
    const containers = docker('ps', '--all', '--quiet')
    const ok = left.length === 0 && containers === ''
    report({
      part,
      title: 'leaves neither dataset, snapshot nor container',
      ok,
      lines: [...left, containers].filter(Boolean),
    })
  } finally {
    await daemon.stop()
  }
}

/** Databases without ZFS, containers or root: copies of directories, and PostgreSQL of this machine or of npm. */
export async function plainDatabaseSteps(home: string, report: Report): Promise<void> {
  mkdirSync(home)
  if (process.getuid?.() === 0) chownSync(home, 65534, 65534)
  const own = { HOME: home, PATH: process.env.PATH ?? '/usr/bin:/bin', NODE_COMPILE_CACHE: join(home, 'cache') }
  const env = { ...own, PGD_STORE: `directory:${join(home, 'databases')}`, PGD_RUNTIME: 'process' }
  const part = 'an account without rights branches a database: copies of directories, servers as its own processes'
  const pgd = async (args: readonly string[]) => {
    const [program = '', ...words] = [...unprivileged, ...command, ...args]
    const child = spawn(program, words, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ])
    return { exitCode, stdout, stderr }
  }
  const { stdout } = await pgd(['status', '--json'])
  if (/"runtimes":\[[^\]]*"PostgreSQL/.test(stdout)) return branchSteps({ part, pgd, report })
  report({ part, title: 'is left out', ok: true, lines: ['there is no PostgreSQL here, neither of Debian nor of npm'] })
}
