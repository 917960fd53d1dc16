import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Person } from './cli.ts'

/** Ids, keys and random endings differ each time; a trace says only that there is one. */
const anonymous = (text: string): string =>
  text
    .replace(/\b[a-hjkmnp-z][a-hjkmnp-z2-9]{9}\b/g, 'ID')
    .replace(/\d+:\d+:[0-9a-f-]{36}@[0-9a-f]{8}/g, 'HOLDER')
    .replace(/(?<=\.json\.)\d+/g, 'PID')
    .replace(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replace(/\bdev__\d+/g, 'dev__N')
    .replace(/(?<=\bID\.)\d+/g, 'N')

/** What PostgreSQL has in a volume is its own; nothing of ours lies there but for a moment. */
const opaque = /\/(?:data|wal|run)$/

function filesOf(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap(entry => {
    const path = join(below, entry.name)
    if (!entry.isDirectory()) return entry.name === 'server.log' ? [] : [path]
    return [`${path}/`, ...(opaque.test(`/${path}`) ? [] : filesOf(root, path))]
  })
}

/** A lock that several had stays as an empty file until somebody has it alone. */
const lockFile = /\/pgd\/locks\/[a-z.]+$/

/** What is no trace of pgd. */
const others = /^(?:sources|\.cache|tmp\/node-compile-cache)\//

/** Files that a person has, but for what tests put there. */
export const files = (person: Person): string[] =>
  filesOf(person.home)
    .filter(path => !lockFile.test(path) && !others.test(path))
    .map(path => anonymous(`file ${path}`))
    .sort()

/** Processes that work in a person's files or were told of them: what they are, and where. */
export function processes(person: Person): string[] {
  const found = readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const place = readlinkSync(`/proc/${name}/cwd`)
      const isOurs = place.startsWith(`${person.home}/`) || words.some(word => word.includes(`${person.home}/`))
      // Those of one server come and go.
      return isOurs && !words[0]?.startsWith('postgres: ') ? [`process ${words.slice(0, 3).join(' ')} in ${place}`] : []
    } catch {
      return []
    }
  })
  return found.map(anonymous).sort()
}

/** Containers, volumes and networks of the engine. */
export function containers(): string[] {
  const docker = (...args: string[]) => execFileSync('/usr/bin/docker', args, { encoding: 'utf8' }).split('\n')
  const all = [
    ...docker('ps', '--all', '--format', 'container {{.Names}} {{.State}}'),
    ...docker('volume', 'ls', '--format', 'volume {{.Name}}'),
    ...docker('network', 'ls', '--format', 'network {{.Name}}'),
  ]
  return all.filter(Boolean).map(anonymous).sort()
}

/** Datasets and snapshots below a base, what of them is mounted, and directories to mount at. */
export function datasets(base: string): string[] {
  const listed = execFileSync('/usr/sbin/zfs', ['list', '-rH', '-t', 'all', '-o', 'name', base], { encoding: 'utf8' })
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .flatMap(line => (line.startsWith(`${base}/`) ? [`mount ${line.split(' ')[1]}`] : []))
  const projects = readdirSync(`/${base}`)
  const places = projects.flatMap(project => readdirSync(`/${base}/${project}`).map(name => `${project}/${name}`))
  // ZFS leaves the empty directory of a project, which was never mounted, and takes it again for the next one.
  const directories = places.map(name => `directory ${name}`)
  return [...listed.trim().split('\n'), ...mounts, ...directories].map(anonymous).sort()
}
