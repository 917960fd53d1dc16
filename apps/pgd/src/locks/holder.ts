import { readFileSync } from 'node:fs'

/** A process, so that another one which got its number later is told apart. */
export interface Holder {
  readonly pid: number
  /** When it began, in clock ticks since the machine started; 0 where the system does not tell. */
  readonly start: number
  /** Id of this start of the machine; empty where the system does not tell. */
  readonly boot: string
}

const pattern = /^([1-9]\d{0,9}):(\d{1,15}):([0-9a-f-]{0,36})$/

/** This process. */
export function thisProcess(): Holder {
  return { pid: process.pid, start: startOf(process.pid) ?? 0, boot: bootId() }
}

/** `pid:start:boot`, as facts and files keep it. */
export const showHolder = ({ pid, start, boot }: Holder): string => `${pid}:${start}:${boot}`

/** A holder that was written down; undefined when the text is none. */
export function readHolder(text: string): Holder | undefined {
  const [, pid, start, boot] = pattern.exec(text) ?? []
  return pid === undefined || start === undefined || boot === undefined
    ? undefined
    : { pid: Number(pid), start: Number(start), boot }
}

/** Whether that very process still runs. One of another account counts, a zombie does not. */
export function isAlive({ pid, start, boot }: Holder): boolean {
  if (boot !== bootId()) return false
  if (start !== 0) return startOf(pid) === start
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its exit status is left. */
function startOf(pid: number): number | undefined {
  const stat = contentOf(`/proc/${pid}/stat`)
  // The second field is the program's name in parentheses, and may hold any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, start] = [fields[0], fields[19]]
  return start === undefined || state === 'Z' || state === 'X' ? undefined : Number(start)
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
