import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cgroupDirectory } from '../../../packages/privexec/src/root/cgroup/directory.ts'
import { left } from '../../support/stubborn.ts'

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

const processIds = (): number[] => namesIn('/proc').map(Number).filter(Number.isInteger)

/** Processes of operations of a policy, wherever they run: those with its marker in their environment. */
export const markedBy = (policy: string): number[] =>
  processIds().filter(pid => textOf(`/proc/${pid}/environ`).includes(`PRIVEXEC_OPERATION=${policy}-`))

/** What still runs of the operations of a policy, in words: by marker, and the programs of these tests by name. */
export const running = (policy: string): string[] => [
  ...markedBy(policy).map(pid => `${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`),
  ...left(),
]

/** Number of processes of this host by name, without kernel threads. */
export function census(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const pid of processIds()) {
    const name = textOf(`/proc/${pid}/comm`).trim()
    if (name !== '') counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** What the descriptors of a process lead to, sockets and pipes without their numbers, with how many there are. */
export function descriptors(pid: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fd of namesIn(`/proc/${pid}/fd`)) {
    const kind = linkOf(`/proc/${pid}/fd/${fd}`)
      .replace(/\[\d+\]/, '')
      .replace(/\/\d+\/(cgroup\.\w+)$/, '/N/$1')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return 'gone'
  }
}

/** Names of files below directories, as deep as they go. */
export const filesBelow = (...directories: readonly string[]): string[] =>
  directories.flatMap(directory =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => !entry.isDirectory())
      .map(entry => `${entry.parentPath}/${entry.name}`),
  )

/** Control groups of root-side brokers. */
export function brokerGroups(): string[] {
  const own = cgroupDirectory(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'))
  return own === undefined ? [] : namesIn(own).filter(name => name.startsWith('privexecd-'))
}

/** Resident memory of a process in MB, now. */
export const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1]) / 1024
