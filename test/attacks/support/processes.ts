import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { trace } from './trace.ts'

/** Waits until something is so; false when it is not within the time, in milliseconds. */
export async function eventually(isSo: () => boolean, within = 10_000): Promise<boolean> {
  for (const deadline = performance.now() + within; performance.now() < deadline; await delay(20))
    if (isSo()) return true
  return isSo()
}

/** Ids of all processes of the host but this one. */
export const processes = (): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => pid !== process.pid)

/** The command line of a process with blanks between; empty for a zombie, or one that is gone. */
export const commandLine = (pid: number): string => readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()

/** Command lines of all processes of the host that hold a text. */
export const processesWith = (text: string): string[] =>
  processes()
    .map(commandLine)
    .filter(line => line.includes(text))

/** Ends what an attack on the baseline left behind. */
export function endProcessesWith(text: string): void {
  for (const pid of processes()) if (commandLine(pid).includes(text)) killQuietly(pid)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** A file of /proc, which may be gone already. */
export function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** What the resident memory of a process grew by at its highest during an action, in bytes. */
export async function growth(pid: number | undefined, action: () => Promise<unknown>): Promise<number> {
  const field = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
  // The mark of the highest begins anew (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const before = field('VmRSS')
  await action()
  const grown = field('VmHWM') - before
  trace({ pid, before, grown })
  return grown
}
