import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Puts what is measured before other work of the machine, which disturbs it less then: most of the processors for the
 * host's control group. Where that cannot be had the figures are only less steady.
 */
export function preferHost(): void {
  const groups = '/sys/fs/cgroup'
  for (const [file, value] of [
    [`${groups}/cpu.weight`, '10000'],
    [`${groups}/cpu/cpu.shares`, '262144'],
    [`${groups}/cpu/cpu.rt_runtime_us`, '900000'],
  ] as const) {
    try {
      writeFileSync(file, value, { flag: 'r+' })
    } catch {
      // Control groups of the other version, or another host has the time.
    }
  }
}

/** The same, with a real-time class, which this process, the account, sudo and its programs inherit. */
export function preferUs(): void {
  preferHost()
  preferProcess()
}

/** A real-time class for this process and those that it starts, where nothing has a host of its own. */
export function preferProcess(): void {
  spawnSync('chrt', ['--rr', '--pid', '1', String(process.pid)], { stdio: 'ignore' })
}

/** The host, and the first place among ordinary processes, for all that runs on it: containers take no real-time ones. */
export function preferAll(): void {
  preferHost()
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isOurs(name))
  spawnSync('renice', ['-n', '-20', '-p', String(process.pid), ...pids], { stdio: 'ignore' })
}

const isOurs = (pid: string): boolean => {
  try {
    return /^(?:zfs-fuse|dockerd|containerd)$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())
  } catch {
    return false
  }
}
