import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Major version of the PostgreSQL that the images of `prepareHost({ docker: true })` have: the newest of the machine. */
export function imageVersion(): number {
  const versions = readdirSync('/usr/lib/postgresql').filter(name => /^\d+$/.test(name))
  return Math.max(...versions.map(Number))
}

/** Runs Docker's own client as root, and gives its stdout. Throws when it fails. */
export function docker(...args: readonly string[]): string {
  const done = spawnSync('/usr/bin/docker', args, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`docker ${args.join(' ')} failed (${done.status}): ${done.stderr}`)
  return done.stdout.trim()
}

/** Kills the engine; containers go on. `prepareHost({ docker: true })` starts another one. */
export function killEngine(): void {
  process.kill(Number(readFileSync('/run/docker.pid', 'utf8')), 'SIGKILL')
}
