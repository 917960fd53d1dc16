import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** The daemon in a process of its own. */
export interface Started {
  readonly port: number
  readonly token: string
  /** Resident memory in MB. */
  memory(): number
  /** Milliseconds of a processor that it has used. */
  processor(): number
  /** Lets the talker begin. */
  talk(): void
  stop(): Promise<void>
}

/** Starts what build.ts made of daemon.ts, with what it takes. */
export function launch(program: string, options: object): ChildProcess {
  return fork(program, [JSON.stringify(options)], {
    execArgv: [],
    // One arena: glibc keeps one for each thread otherwise, some 25 MB in all.
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', MALLOC_ARENA_MAX: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

/** First message of a process that was launched; throws when it ends before. */
export async function firstWord<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  const [word] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => {})
  return word as T
}

/** Starts the daemon and waits until it listens. */
export async function startStore(program: string, options: object): Promise<Started> {
  const child = launch(program, options)
  const { port, token } = await firstWord<{ port: number; token: string }>(child)
  return {
    port,
    token,
    memory: () => {
      const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
      return Number(kilobytes) / 1024
    },
    processor: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      // utime and stime, in hundredths of a second (proc_pid_stat(5)).
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    talk: () => void child.send('talk'),
    stop: async () => {
      const ended = once(child, 'exit')
      child.send('stop')
      const [code] = await ended
      if (code !== 0) throw new Error(`the daemon ended with ${code}`)
    },
  }
}
