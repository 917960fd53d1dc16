import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Everything that the demo writes to on its host, under the paths that the machine knows too. */
const written = [
  '/etc/passwd',
  '/etc/group',
  '/etc/subuid',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/privexec',
  '/etc/pve',
  '/etc/sudoers.d',
  '/usr/libexec/privexec',
  '/usr/sbin/pct',
  '/var/lib/appstore',
  '/var/lib/lxc',
  '/var/lib/lxc/104',
  '/var/lib/lxc/20001',
  '/var/lib/privexec',
  '/var/lib/tank.img',
  '/var/lib/throwaway-container',
  '/var/lib/zfs',
  '/var/log/privexec',
  '/home/alice',
  '/run/throwaway-host-zfs',
  '/tank',
]

/** What of the machine the demo could have changed; compare with {@link leftBehind}. */
export interface Machine {
  readonly paths: ReadonlyMap<string, string>
  readonly mounts: ReadonlySet<string>
}

/** Looks at the machine; others may change other things of it meanwhile. Linux only. */
export function machineNow(): Machine {
  const paths = new Map(written.map(path => [path, stateOf(path)]))
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return { paths, mounts: new Set(mounts.filter(line => /throwaway|tank|lxc|privexec/.test(line))) }
}

/**
 * What a run left behind: changed paths, mounts, processes whose environment has the mark, and control groups of hosts
 * that are gone. Empty is as it should be. A process may need a moment to be reaped.
 */
export async function leftBehind(before: Machine, mark: string): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const after = machineNow()
    const left = [
      ...written.filter(path => before.paths.get(path) !== after.paths.get(path)).map(path => `${path} changed`),
      ...[...after.mounts].filter(mount => !before.mounts.has(mount)).map(mount => `mount ${mount}`),
      ...processesWith(mark).map(pid => `process ${pid}`),
      ...staleGroups().map(path => `control group ${path}`),
    ]
    if (left.length === 0 || attempt === 5) return left
    await sleep(200)
  }
}

function stateOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 'absent' : [stat.ino, stat.mode, stat.uid, stat.gid, stat.size, stat.ctimeMs].join(' ')
}

function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
    } catch {
      return false // it ended meanwhile, or is not ours to look at
    }
  })
}

/** The name ends with the PID namespace and the process id of the host's entry; other containers may have some too. */
function staleGroups(): string[] {
  if (!existsSync('/sys/fs/cgroup')) return []
  const name = `throwaway-host-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}-*`
  const find = ['/sys/fs/cgroup', '-type', 'd', '-name', name]
  // It complains when a host that others run goes away meanwhile.
  const { stdout } = spawnSync('find', find, { encoding: 'utf8' })
  return stdout.split('\n').filter(path => path !== '' && !existsSync(`/proc/${path.split('-').at(-1)}`))
}
