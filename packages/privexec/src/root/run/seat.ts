import { EventEmitter } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants as system } from 'node:os'
import { getSystemErrorName } from 'node:util'
import type { Child } from '../../transport/child.ts'

/** What a waiting process is to become. */
export interface Order {
  /** Absolute path of the program, and its arguments. */
  readonly argv: readonly string[]
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Whether its standard input is a pipe; otherwise it is empty. */
  readonly hasInput: boolean
}

/** A process of the warden's that waits to become a program. */
export interface Seat {
  /** Makes it the program. Throws, and nothing is started, for what execve(2) does not take. */
  start(order: Order): Child
  /** Ends it without an order. */
  drop(): void
  /** Resolves when it has ended, as whatever it has become. */
  readonly gone: Promise<void>
  readonly isGone: boolean
}

/** What the warden tells of it; `lost` when the warden is gone itself. */
export type Word = 'failed' | 'exit' | 'lost'

/** A seat that was asked for. */
export interface Expected {
  hear(word: Word, value?: number): void
  /** Opens the ends of its pipes, which the warden has at these descriptors. Throws when it cannot. */
  open(warden: number, ends: readonly number[]): Seat
}

/** A seat as it will be; its program looks like a child of this process. */
export function expectSeat(): Expected {
  const events = new EventEmitter()
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  let isGone = false
  let end: readonly [number | null, NodeJS.Signals | null] = [null, null]
  let problem: Error | undefined
  return {
    hear(word, value = 0) {
      if (word === 'failed') {
        const code = getSystemErrorName(-value)
        problem = Object.assign(new Error(`The program could not be started: ${code}`), { code })
        return
      }
      if (word === 'exit') end = endOf(value)
      isGone = true
      go()
      // The process that could not become the program is gone only now.
      if (problem) events.emit('error', problem)
      else events.emit('exit', ...end)
    },
    open(warden, ends) {
      const streams = openPipes(warden, ends)
      const [stdout, stderr, stdin, order] = streams as [Socket, Socket, Socket, Socket]
      // Who has gone reads nothing more.
      for (const stream of [stdin, order]) stream.on('error', () => {})
      const destroy = (...which: Socket[]): void => {
        for (const stream of which) stream.destroy()
      }
      gone.then(() => destroy(stdin, order))
      return {
        start({ argv, env, hasInput }) {
          const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
          if ([...argv, ...variables].some(text => text.includes('\0'))) throw new TypeError('An argument holds a NUL')
          order.end(`${Number(hasInput)} ${hex(variables)} ${hex(argv)}\n`)
          if (!hasInput) stdin.destroy()
          const closed = [stdout, stderr].map(stream => new Promise(resolve => stream.once('close', resolve)))
          Promise.all([gone, ...closed]).then(() => events.emit('close', ...end))
          return Object.assign(events, { stdin: hasInput ? stdin : null, stdout, stderr })
        },
        drop: () => destroy(...streams),
        gone,
        get isGone() {
          return isGone
        },
      }
    },
  }
}

const hex = (texts: readonly string[]): string => Buffer.from(texts.join('\0')).toString('hex')

/** Opens the ends of pipes that another process has: first two to read from, then two to write to. */
function openPipes(pid: number, ends: readonly number[]): Socket[] {
  const opened: number[] = []
  try {
    for (const [at, end] of ends.entries()) {
      const mode = at < 2 ? constants.O_RDONLY : constants.O_WRONLY
      opened.push(openSync(`/proc/${pid}/fd/${end}`, mode | constants.O_NONBLOCK))
    }
  } catch (error) {
    opened.forEach(closeSync)
    throw error
  }
  return opened.map((fd, at) => new Socket({ fd, readable: at < 2, writable: at >= 2 }))
}

const names = new Map(Object.entries(system.signals).map(([name, number]) => [number, name]))

/** Exit status, or name of the signal, of a status as wait(2) has it. */
function endOf(status: number): readonly [number | null, NodeJS.Signals | null] {
  const signal = status & 0x7f
  return signal === 0 ? [status >> 8, null] : [null, (names.get(signal) ?? `SIG${signal}`) as NodeJS.Signals]
}
