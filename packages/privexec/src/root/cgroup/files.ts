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

/** Processes of threads, but of those that have ended, or are in a PID namespace that is not ours (number 0). */
function processesOf(threads: readonly string[]): Set<number> {
  const processes = new Set<number>()
  for (const thread of threads) {
    try {
      processes.add(Number(/Tgid:\t(\d+)\n/.exec(readFileSync(`/proc/${thread}/status`, 'latin1'))?.[1]))
    } catch {
      // There is no such file for them, nor for the empty text behind the last line feed.
    }
  }
  return processes
}

/** Kills the processes of the threads that an open `cgroup.threads` names, but this one, and returns their ids. */
export function killThreads(file: number): number[] {
  const killed: number[] = []
  for (const pid of processesOf(readText(file).split('\n'))) {
    if (pid === process.pid) continue
    killed.push(pid)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return killed
}
