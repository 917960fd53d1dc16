import { readFileSync, readSync, writeSync } from 'node:fs'

const buffer = Buffer.alloc(65_536)

/** Text of an open file of the kernel, from its beginning; more than one read gives is read in several. */
export function readText(file: number): string {
  let text = ''
  for (;;) {
    const count = readSync(file, buffer, 0, buffer.length, Buffer.byteLength(text))
    if (count === 0) return text
    text += buffer.toString('latin1', 0, count)
  }
}

/** Writes to an open file of the kernel. */
export const writeText = (file: number, text: string): void => {
  writeSync(file, text)
}

/** Process that a thread belongs to; undefined when it has ended, or is in a PID namespace that is not ours (number 0). */
function processOf(thread: number): number | undefined {
  try {
    const id = /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, 'latin1'))?.[1]
    return id === undefined ? undefined : Number(id)
  } catch {
    return undefined
  }
}

/** Kills the processes of the threads that an open `cgroup.threads` names, but this one, and returns their ids. */
export function killThreads(file: number): number[] {
  const processes = new Set(
    readText(file)
      .split('\n')
      .map(thread => (thread === '' ? undefined : processOf(Number(thread)))),
  )
  const killed: number[] = []
  for (const pid of processes) {
    if (pid === undefined || pid === process.pid) continue
    killed.push(pid)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return killed
}
