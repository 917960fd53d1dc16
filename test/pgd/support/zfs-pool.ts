import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundle, rootsNode } from '../../cli/support/privexec.ts'
import { main } from './cli.ts'

/** Where `pgd setup` puts the policy. */
export const policyPath = '/etc/privexec/policies.d/pgd.yaml'
/** What the root-side broker of that policy writes. */
export const records = '/var/log/privexec/pgd'

const sh = (program: string, ...args: readonly string[]) => spawnSync(program, args, { encoding: 'utf8' })

/** Runs zfs as root; stdout, empty when it fails. */
export const zfs = (...args: readonly string[]): string => sh('/usr/sbin/zfs', ...args).stdout.trim()

/** A pool of user-space ZFS of its own on a prepared host, and pgd set up on it; the files of a folder share one host. */
export class ZfsPool {
  readonly name: string
  readonly base: string
  /** Root runs the broker by it, so it lies where nobody else may write. */
  readonly #node = rootsNode()
  #daemon: ChildProcess | undefined

  /** `size` as truncate(1) takes it. */
  constructor(name: string, size: string) {
    this.name = name
    this.base = `${name}/pgd/databases`
    bundle()
    const file = this.#file
    for (const [program, ...args] of [
      ['truncate', '-s', size, file],
      ['/usr/sbin/zpool', 'create', name, file],
    ] as const) {
      const { status, stderr } = sh(program, ...args)
      if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
    }
  }

  /** Runs `pgd setup` as root, for alice. */
  setup(...args: readonly string[]) {
    const argv = ['--conditions=@broker/source', main, 'setup', '--pool', this.name, '--user', 'alice', ...args]
    return sh(this.#node, ...argv)
  }

  /** Starts the root-side broker, as systemd would. */
  async startBroker(): Promise<void> {
    const argv = ['-i', this.#node, '/usr/libexec/privexec/privexecd', '--policy', 'pgd']
    const daemon = spawn('env', argv, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
    this.#daemon = daemon
    let words = ''
    daemon.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()))
    for (let tries = 0; !existsSync('/run/privexec/pgd/socket'); tries += 1) {
      if (tries > 1200 || daemon.exitCode !== null || daemon.signalCode !== null) {
        throw new Error(`privexecd does not answer (${daemon.exitCode ?? daemon.signalCode}): ${words}`)
      }
      await delay(50)
    }
  }

  /** Ends the broker and leaves the host as it was. */
  async leave(): Promise<void> {
    if (this.#daemon?.kill('SIGTERM')) await once(this.#daemon, 'exit')
    const privexec = join(import.meta.dirname, '../../../packages/privexec/src/cli/main.ts')
    sh(process.execPath, '--conditions=@broker/source', privexec, 'policy', 'uninstall', 'pgd')
    for (const file of [policyPath, policyPath.replace('.yaml', '.json')]) rmSync(file, { force: true })
    sh('/usr/sbin/zpool', 'destroy', this.name)
    rmSync(this.#file, { force: true })
    rmSync('/var/lib/pgd', { recursive: true, force: true })
    rmSync(records, { recursive: true, force: true })
    sh('install', '-d', '-m', '2770', '-o', 'root', '-g', 'pgd', records)
  }

  get #file(): string {
    return `/var/lib/${this.name}.img`
  }
}
