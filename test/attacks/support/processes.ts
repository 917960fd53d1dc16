import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

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
