import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

export { type DropIn, installDropIn, removeDropIn, starRules } from './dropin.ts'

/** What a test needs beside accounts and staging directories; each costs its time once per host. */
export interface HostOptions {
  /** Containers 20001 and 104 behind `pct`, about 0.7 s. */
  readonly containers?: boolean
  /** Pool `tank` behind `zfs`, about 0.2 s. */
  readonly zfs?: boolean
  /** A Docker engine that alice may use, with images of PostgreSQL, about 4 s. */
  readonly docker?: boolean
  /** Podman without root for alice, with an image of PostgreSQL, about 6 s. */
  readonly podman?: boolean
}

/** Facts of the machine that a host cannot change and that decide what some tests can show. */
export interface HostFacts {
  /** `fs.protected_symlinks` of the kernel: with 0, root follows a link planted in a sticky directory. */
  readonly protectedSymlinks: number
  readonly protectedHardlinks: number
}

/** True for root in a throwaway host; told by the root mount, since an environment variable can stand anywhere. */
export const insideHost = (): boolean =>
  process.getuid?.() === 0 &&
  process.platform === 'linux' &&
  /^throwaway-host \/ overlay /m.test(readFileSync('/proc/self/mounts', 'utf8'))

/**
 * Sets up what every test of the host relies on; safe to repeat and to run from several processes of one host at once.
 * Throws outside a throwaway host, where it would change the machine.
 */
export function prepareHost(options: HostOptions = {}): HostFacts {
  if (!insideHost()) throw new Error('prepareHost runs in a throwaway host only: node test/host/run.ts -- CMD...')
  step('accounts')
  openToAccounts(process.execPath)
  openToAccounts(import.meta.filename)
  if (options.containers === true) step('containers')
  if (options.zfs === true) step('zfs')
  if (options.docker === true) step('docker')
  if (options.podman === true) step('podman')
  return hostFacts()
}

/** Reads the facts; needs Linux, not root. */
export function hostFacts(): HostFacts {
  const sysctl = (name: string): number => Number(readFileSync(`/proc/sys/fs/${name}`, 'utf8'))
  return { protectedSymlinks: sysctl('protected_symlinks'), protectedHardlinks: sysctl('protected_hardlinks') }
}

function step(name: string): void {
  const script = join(import.meta.dirname, 'steps', `${name}.sh`)
  const done = spawnSync('flock', ['--close', '/run/throwaway-host/lock', 'sh', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (done.status !== 0)
    throw new Error(`${script} failed (${done.status ?? done.signal}):\n${done.stdout}${done.stderr}`)
}

/** Lets other accounts reach a file, also where the repository lies below root's home. Seen in the overlay only. */
function openToAccounts(file: string): void {
  for (let path = dirname(file); path !== '/'; path = dirname(path)) {
    const { mode } = statSync(path)
    if ((mode & 0o001) === 0) chmodSync(path, (mode & 0o7777) | 0o001)
  }
}
