import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const lines = (program: string, ...args: readonly string[]): string[] =>
  execFileSync(program, args, { encoding: 'utf8' }).split('\n').filter(Boolean)

/**
 * What lies below a base, is mounted there or in a place for it, and what an engine has; as root. ZFS leaves empty
 * directories where something was mounted, since an account may not remove them.
 */
export function remains(base: string): string[] {
  const zfs = '/usr/sbin/zfs'
  const [mountpoint = ''] = lines(zfs, 'get', '-Hp', '-o', 'value', 'mountpoint', base)
  const names = (place: string): string[] => (existsSync(place) ? readdirSync(place) : [])
  const places = names(mountpoint)
    .flatMap(project => names(join(mountpoint, project)).map(one => join(project, one)))
    .filter(place => names(join(mountpoint, place)).length > 0)
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return [
    ...lines(zfs, 'list', '-rH', '-t', 'all', '-o', 'name', base).filter(name => name !== base),
    ...mounts.filter(line => line.startsWith(`${base}/`)).map(line => `mount ${line}`),
    ...places.map(path => `place ${path}`),
    ...lines('/usr/bin/docker', 'ps', '--all', '--format', 'container {{.Names}}'),
    ...lines('/usr/bin/docker', 'volume', 'ls', '--format', 'volume {{.Name}}'),
  ]
}
