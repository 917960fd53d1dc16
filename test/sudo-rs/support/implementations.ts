import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { insideHost } from '../../host/prepare.ts'
import { cache, suites } from './suites.ts'

/** One sudo with its checker, by absolute paths. */
export interface Implementation {
  /** `sudo`, or `sudo-rs` and its version. */
  readonly name: string
  readonly isClassic: boolean
  readonly sudo: string
  readonly visudo: string
}

/** The sudo of the machine. */
export const classic: Implementation = {
  name: 'sudo',
  isClassic: true,
  sudo: '/usr/bin/sudo',
  visudo: '/usr/sbin/visudo',
}

/** Every sudo-rs that install.sh has fetched; with the set-user-id bit, which only a throwaway host gives. */
export const sudoRs: readonly Implementation[] = insideHost() ? suites().filter(isFetched).map(install) : []

/** Why tests that need sudo-rs are skipped here; false where they run. */
export const skip: string | false = !insideHost()
  ? 'needs the throwaway host: node test/sudo-rs/run.ts'
  : sudoRs.length === 0
    ? 'sudo-rs could not be fetched: sh test/sudo-rs/install.sh says why'
    : false

/** What a checker says to a file: its exit status, 0 when it accepts, and its words. */
export function check({ visudo }: Implementation, file: string): { readonly status: number; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(visudo, ['-c', '-f', file], { encoding: 'utf8' })
  return { status: status ?? -1, text: stdout + stderr }
}

/** Whether an account may run an argv; asked as root, nothing is run. `options` come before the argv. */
export function may(
  { sudo }: Implementation,
  user: string,
  argv: readonly string[],
  options: readonly string[] = [],
): boolean {
  const env = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin' }
  const args = ['-l', '-U', user, ...options, '--', ...argv]
  const { status, stderr } = spawnSync(sudo, args, { encoding: 'utf8', env })
  if (status !== 0 && status !== 1) throw new Error(`${sudo} ended with ${status}: ${stderr}`)
  return status === 0
}

function isFetched(suite: string): boolean {
  return existsSync(join(cache, suite, 'version'))
}

function install(suite: string): Implementation {
  const directory = `/usr/lib/sudo-rs/${suite}`
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  for (const [program, mode] of [
    ['sudo', 0o4755],
    ['visudo', 0o755],
  ] as const) {
    const path = join(directory, program)
    if (existsSync(path)) continue
    copyFileSync(join(cache, suite, 'bin', program), path)
    chmodSync(path, mode)
  }
  const version = readFileSync(join(cache, suite, 'version'), 'utf8').trim()
  return {
    name: `sudo-rs ${version}`,
    isClassic: false,
    sudo: join(directory, 'sudo'),
    visudo: join(directory, 'visudo'),
  }
}
