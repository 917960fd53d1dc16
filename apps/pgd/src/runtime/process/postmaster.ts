import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Holder, holderOf, readHolder } from '../../locks/holder.ts'

/** The server that runs on a volume's data. */
export interface Postmaster {
  readonly process: Holder
  /** What it writes of itself into postmaster.pid: `starting`, `ready`, `standby`, `stopping`; undefined before. */
  readonly status?: string
  /** Milliseconds since 1970. */
  readonly since?: number
}

/**
 * Looks who runs on a volume's data; undefined when nobody does. postmaster.pid is a hint only: a copy of a running
 * server's files has one of the source, and its number may be that of any process by now. A server works in its PGDATA,
 * which no other process of the same number does.
 */
export function postmasterOf(volume: string): Postmaster | undefined {
  const data = join(volume, 'data')
  const [first, , started, , , , , status] = linesOf(join(data, 'postmaster.pid'))
  const pid = Number(first)
  // A number below zero is that of a server in single-user mode.
  if (!Number.isInteger(pid) || pid <= 1 || !worksIn(pid, data)) return undefined
  const process = holderOf(pid) ?? readHolder(`${pid}:0:`)
  if (process === undefined) return undefined
  return {
    process,
    ...(status === undefined ? {} : { status: status.trim() }),
    ...(Number(started) > 0 ? { since: Number(started) * 1000 } : {}),
  }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Whether a process has a directory as its own, whatever the names are by which both know it. */
export function worksIn(pid: number, directory: string): boolean {
  try {
    if (process.platform !== 'linux') return isNamedBy(pid, directory)
    const [own, wished] = [statSync(`/proc/${pid}/cwd`), statSync(directory)]
    return own.ino === wished.ino && own.dev === wished.dev
  } catch {
    return false
  }
}

/** Without /proc, the words that it was started with have to do. */
const isNamedBy = (pid: number, directory: string): boolean =>
  execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(`-D ${directory} `)
