import { unescapeOctal } from '../../auxiliary/mounts.ts'

/**
 * Directory of a process's control group, version 2, from what /proc/PID/cgroup and /proc/PID/mountinfo say; undefined
 * when none is mounted, or the group lies outside what is mounted. See cgroups(7) and proc_pid_mountinfo(5).
 */
export function cgroupDirectory(cgroup: string, mountinfo: string): string | undefined {
  const path = /^0::(\/.*)/m.exec(cgroup)?.[1]
  if (path === undefined || path.split('/').includes('..')) return undefined
  for (const line of mountinfo.split('\n')) {
    const [mount = '', source = ''] = line.split(' - ')
    if (!source.startsWith('cgroup2 ')) continue
    const [, , , root = '', at = '', options = ''] = mount.split(' ').map(unescapeOctal)
    if (!options.split(',').includes('rw')) continue
    if (root === '/') return join(at, path)
    if (path === root || path.startsWith(`${root}/`)) return join(at, path.slice(root.length))
  }
  return undefined
}

const join = (at: string, path: string): string => `${at === '/' ? '' : at}${path === '/' ? '' : path}` || '/'
