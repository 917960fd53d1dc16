import { spawn } from 'node:child_process'
import { fstatSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PrivexecError } from '../errors/error.ts'
import { wardenPath } from '../transport/libexec.ts'
import { type Expected, expectSeat, type Seat } from './run/seat.ts'

/** Who connected a unix socket, as the kernel saw it then. */
export interface Peer {
  /** 0 when it is in a PID namespace that is not ours. */
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** The program beside the root-side broker that makes the calls of the kernel which Node does not have, or is slow at. */
export interface Warden {
  /**
   * Asks the kernel who connected a socket. The socket should be paused, and must be open when the answer comes.
   * Throws PRIVEXEC_PEER_REFUSED when that cannot be told, for whatever reason.
   */
  peer(socket: Socket): Promise<Peer>
  /** Tells the service manager, as sd_notify(3) does: `READY=1`. Printable ASCII on one line. Rejects where there is none. */
  notify(text: string): Promise<void>
  /** Makes a process that waits to become a program, in the threaded control group with this directory. */
  prepare(group: string): Promise<Seat>
  /** Ends it, once everything that this process started has ended. */
  close(): Promise<void>
  /** Resolves when it has ended and nobody asked it to. From then on everything else rejects. */
  readonly died: Promise<void>
}

/**
 * How long it may be silent while there is a question, in milliseconds; an answer takes a tenth of one. A thousand of
 * them at once may take longer on a busy machine, and are no silence.
 */
const usualPatience = 5000

interface Question {
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

/** Starts the warden of a policy. It ends all operations of the policy when this process ends without `close`. */
export function startWarden(policy: string, path: string = wardenPath, patience: number = usualPatience): Warden {
  const { NOTIFY_SOCKET } = process.env
  const child = spawn(path, [policy, String(process.pid)], {
    cwd: '/',
    env: NOTIFY_SOCKET === undefined ? {} : { NOTIFY_SOCKET },
    stdio: ['pipe', 'pipe', 'inherit'],
    // A signal to the process group of this process must not reach the one that cleans up after it.
    detached: true,
  })
  const questions: Question[] = []
  const seats = new Map<number, Expected>()
  let count = 0
  let end: 'closing' | 'ended' | undefined
  const { promise: died, resolve: announce } = Promise.withResolvers<void>()
  const { promise: ended, resolve: finish } = Promise.withResolvers<void>()
  const fail = (): void => {
    if (end === 'ended') return
    const wasAsked = end === 'closing'
    end = 'ended'
    child.kill('SIGKILL')
    child.stdin.destroy()
    child.stdout.destroy()
    clearTimeout(timer)
    for (const { reject } of questions.splice(0)) reject(new Error('the warden has ended'))
    for (const seat of seats.values()) seat.hear('lost')
    seats.clear()
    finish()
    if (!wasAsked) announce()
  }
  let timer: NodeJS.Timeout | undefined
  const listen = (): void => {
    clearTimeout(timer)
    const [oldest] = questions
    // When this process was busy itself, the answer may be there already: it is read before an immediate is called.
    const judge = () => setImmediate(() => questions[0] === oldest && fail())
    if (oldest) timer = setTimeout(judge, patience)
  }
  child.on('error', fail)
  child.on('exit', fail)
  child.stdin.on('error', fail)
  createInterface(child.stdout).on('line', line => {
    const [, word, number, value] = /^(failed|exit) (\d+) (\d+)$/.exec(line) ?? []
    if (word === 'failed' || word === 'exit') {
      seats.get(Number(number))?.hear(word, Number(value))
      if (word === 'exit') seats.delete(Number(number))
      return
    }
    const question = questions.shift()
    if (!question) return fail()
    question.resolve(line)
    listen()
  })
  const ask = (line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      if (end !== undefined) return reject(new Error('the warden has ended'))
      questions.push({ resolve, reject })
      if (questions.length === 1) listen()
      child.stdin.write(`${line}\n`)
    })
  return {
    died,
    async peer(socket) {
      const [answer, fd, inode] = await askAbout(socket, ask)
      const [, number, seen, pid, uid, gid] = /^peer (\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(answer) ?? []
      if (Number(number) !== fd || Number(seen) !== inode) throw refused(answer)
      // The number may be another socket's by now; then so was the answer.
      if (descriptorOf(socket) !== fd) throw refused('it was closed')
      return { pid: Number(pid), uid: Number(uid), gid: Number(gid) }
    },
    async notify(text) {
      if (!/^[ -~]{1,2048}$/.test(text)) throw new TypeError('A notification is one line of printable ASCII')
      const answer = await ask(`notify ${text}`)
      if (answer !== 'notified') throw new Error(`The service manager was not told: ${answer}`)
    },
    async prepare(group) {
      const number = count++
      const seat = expectSeat()
      seats.set(number, seat)
      try {
        const answer = await ask(`prepare ${number} ${Buffer.from(group).toString('hex')}`)
        const [, seen, ends] = /^prepare (\d+) (\d+ \d+ \d+ \d+)$/.exec(answer) ?? []
        if (Number(seen) !== number || !ends) throw new Error(`No process for a program: ${answer}`)
        try {
          return seat.open(child.pid ?? 0, ends.split(' ').map(Number))
        } finally {
          child.stdin.write(`opened ${number}\n`)
        }
      } catch (error) {
        seats.delete(number)
        throw error
      }
    },
    async close() {
      if (end !== undefined) return ended
      const farewell = ask('bye')
      end = 'closing'
      await farewell.then(
        () => child.stdin.end(),
        () => {},
      )
      const timer = setTimeout(fail, patience)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Asks about a socket, and returns the answer with the descriptor and the inode that were asked about. */
async function askAbout(socket: Socket, ask: (line: string) => Promise<string>): Promise<[string, number, number]> {
  const fd = descriptorOf(socket)
  if (fd === undefined) throw refused('it was closed')
  try {
    const inode = fstatSync(fd).ino
    return [await ask(`peer ${fd}`), fd, inode]
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : 'no answer', cause)
  }
}

const refused = (why: string, cause?: unknown): PrivexecError =>
  new PrivexecError('PRIVEXEC_PEER_REFUSED', `It is not known who connected the socket: ${why}`, { cause })

/**
 * Descriptor of an open socket, undefined when it is closed. Node keeps it on the handle, which has no documented name:
 * `_handle.fd` is a getter of libuv's stream since Node 0.8, and -1 after the close.
 */
export function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as Socket & { readonly _handle?: { readonly fd?: number } | null })._handle
  const fd = handle?.fd
  return socket.destroyed || fd === undefined || fd < 0 ? undefined : fd
}
