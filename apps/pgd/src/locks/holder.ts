import { readFileSync } from 'node:fs'

/**
 * A process as `pid:start:boot`, so that another one which got its number later is told apart: when it began, in clock
 * ticks since the machine started (0 where the system does not tell), and the id of that start (empty there).
 */
export type Holder = string

const pattern = /^([1-9]\d{0,9}):(\d{1,15}):([0-9a-f-]{0,36})$/

/** This process. */
export const thisProcess = (): Holder => holderOf(process.pid) ?? `${process.pid}:0:${bootId()}`

/** A process by its number; undefined when there is none, or the system does not tell. */
export function holderOf(pid: number): Holder | undefined {
  const start = startOf(pid)
  return start === undefined ? undefined : `${pid}:${start}:${bootId()}`
}

/** A holder that was written down; undefined when the text is none. */
export const readHolder = (text: string): Holder | undefined => (pattern.test(text) ? text : undefined)

/** Number of a holder's process; NaN when the text is no holder. */
export const pidOf = (holder: Holder): number => Number(pattern.exec(holder)?.[1])

/** Whether that very process still runs. One of another account counts, a zombie does not. */
export function isAlive(holder: Holder): boolean {
  const [, pid, start, boot] = pattern.exec(holder) ?? []
  if (pid === undefined || boot !== bootId()) return false
  if (start !== '0') return startOf(Number(pid)) === start
  try {
    return process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its exit status is left. */
function startOf(pid: number): string | undefined {
  const stat = contentOf(`/proc/${pid}/stat`)
  // The second field is the program's name in parentheses, and may hold any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

const bootId = (): string => contentOf('/proc/sys/kernel/random/boot_id').trim()

/** Empty where there is no /proc, or no such process. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
