import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostFacts } from './prepare.ts'

/** Why no throwaway host can be made here, in one line; undefined where one can. */
export function hostMissing(): string | undefined {
  if (process.platform !== 'linux') return `the throwaway host needs Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'the throwaway host needs root'
  if (!mayMount()) return 'the throwaway host needs CAP_SYS_ADMIN, which root has not in this container'
  if (!existsSync('/usr/bin/apt-get')) return 'the throwaway host needs Debian (apt-get)'
  return undefined
}

/** Bit 21 of the effective capabilities (linux/capability.h). */
function mayMount(): boolean {
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${effective}`) & (1n << 21n)) !== 0n
}

/**
 * Installs missing packages and runs a command on a throwaway host, with this process's streams and environment.
 * Returns the exit status: the command's, 77 where no host can be made, 64 for no command.
 */
export function runInHost(command: readonly string[]): number {
  const missing = hostMissing()
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`)
    return 77
  }
  if (command.length === 0) {
    process.stderr.write('usage: node test/host/run.ts -- CMD ARGS...\n')
    return 64
  }
  const packages = spawnSync('sh', [join(import.meta.dirname, 'packages.sh')], { stdio: 'inherit' })
  if (packages.status !== 0) return packages.status ?? 70
  const { protectedSymlinks, protectedHardlinks } = hostFacts()
  if (protectedSymlinks === 0) process.stderr.write('note: fs.protected_symlinks is 0 on this machine\n')
  if (protectedHardlinks === 0) process.stderr.write('note: fs.protected_hardlinks is 0 on this machine\n')
  const host = spawnSync('sh', [join(import.meta.dirname, 'enter.sh'), ...command], { stdio: 'inherit' })
  return host.status ?? 70
}

if (import.meta.main) {
  const at = process.argv.indexOf('--')
  process.exitCode = runInHost(at < 0 ? [] : process.argv.slice(at + 1))
}
