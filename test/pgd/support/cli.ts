import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { unprivileged } from '../../support/unprivileged.ts'

const main = fileURLToPath(new URL('../../../apps/pgd/src/cli/main.ts', import.meta.url))

/** What a call of `pgd` gave. */
export interface End {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** What `--json` printed: the answer, or the error. */
  // biome-ignore lint/suspicious/noExplicitAny: each verb has a shape of its own, which its schema tests
  readonly json: any
}

/** An account without rights, with a home of its own, who has no ZFS and no containers. */
export class Person {
  readonly home = mkdtempSync(join(tmpdir(), 'pgd-test-'))
  readonly env: Readonly<Record<string, string>> = {
    HOME: this.home,
    PATH: `${fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))}:/usr/local/bin:/usr/bin:/bin`,
    PGD_STORE: `directory:${join(this.home, 'store')}`,
    PGD_RUNTIME: 'process',
    NODE_OPTIONS: '--conditions=@broker/source',
    LC_ALL: 'C.UTF-8',
  }

  constructor() {
    if (process.getuid?.() === 0) chownSync(this.home, 65534, 65534)
  }

  /** Starts any program as this person, without a terminal. */
  start(words: readonly string[]): ChildProcess {
    // By env(1), since tap adds to the environment of what a test spawns, and makes it write where this person may not.
    const variables = Object.entries(this.env).map(([name, value]) => `${name}=${value}`)
    const [program = '', ...args] = [...unprivileged, 'env', '-i', ...variables, ...words]
    return spawn(program, args, { cwd: this.home, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  }

  startPgd(args: readonly string[]): ChildProcess {
    return this.start([process.execPath, main, ...args])
  }

  /** Runs `pgd` with `--json`. */
  async pgd(...args: readonly string[]): Promise<End> {
    const at = args.indexOf('--')
    const [own, rest] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)]
    return ended(this.startPgd([...own, '--json', '--yes', ...rest]))
  }

  /** Runs a statement in a branch as everybody does, over TCP, with psql. */
  async sql(branch: string, statement: string): Promise<string> {
    const words = ['connect', branch, '--', '--no-psqlrc', '-At', '-v', 'ON_ERROR_STOP=1', '-c', statement]
    const { exit, stdout, stderr } = await ended(this.startPgd(words))
    if (exit !== 0) throw new Error(`psql ended with ${exit}: ${stderr}`)
    return stdout.trim()
  }

  /** Ends servers that a test left, and removes all files. */
  leave(): void {
    for (const file of globSync(join(this.home, 'store/**/data/postmaster.pid'))) {
      const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
      if (pid > 1) spawnSync('kill', ['-QUIT', String(pid)])
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Waits for the end of a program. */
export async function ended(child: ChildProcess): Promise<End> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  child.once('error', reject)
  const [stdout, stderr, exit] = await Promise.all([read(child.stdout), read(child.stderr), promise])
  return { exit, stdout, stderr, json: parse(stdout) ?? parse(stderr) }
}

const read = (stream: ChildProcess['stdout']): Promise<string> => (stream === null ? Promise.resolve('') : text(stream))

function parse(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return undefined
  }
}
