import type { Duplex } from 'node:stream'
import { PrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'
import { type Channel, openChannel } from '../../wire/channel.ts'
import { encodeCredit, type Frame } from '../../wire/frame.ts'
import { readJson } from '../../wire/json.ts'
import type { Request } from '../../wire/message.ts'
import { type Input, openInput } from './input.ts'
import type { Service } from './service.ts'
import { Sizes } from './sizes.ts'

/** How long a request may take to arrive, in milliseconds. */
const requestTime = 5000

/** What one client says on its connection. */
export interface Conversation {
  readonly channel: Channel
  /** The request. Rejects when there will be none: `PRIVEXEC_PROTOCOL_INVALID`, `PRIVEXEC_CALLER_GONE`. */
  readonly request: Promise<Request>
  /** Aborts, with the error as the reason, when the client cancels, goes away, or breaks the protocol. */
  readonly signal: AbortSignal
  readonly input: Input
  readonly sizes: Sizes
}

/** Receives what a client sends. One request a connection; everything else only after it, and where it belongs. */
export function receive(stream: Duplex, { messages }: Pick<Service, 'messages'>): Conversation {
  const abort = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<Request>()
  const input = openInput(bytes => channel.send(encodeCredit(bytes)))
  const sizes = new Sizes()
  let request: Request | undefined

  const leave = (error: PrivexecError) => {
    reject(error)
    abort.abort(error)
    input.fail(error)
    sizes.end()
  }
  const wrong = (what: string) => leave(new PrivexecError('PRIVEXEC_PROTOCOL_INVALID', what))

  const take: Record<ClientFrame, (payload: Buffer) => void> = {
    request: payload => {
      if (request) throw new Unexpected('a second request on one connection')
      request = messageOf(messages.request, payload)
      resolve(request)
    },
    input: payload => {
      if (!request || !input.push(payload)) throw new Unexpected('input for which there is no credit')
    },
    inputEnd: payload => {
      if (!request || payload.length > 0 || !input.end()) throw new Unexpected('the end of input, where there is none')
    },
    resize: payload => {
      if (!request?.terminal) throw new Unexpected('the size of a terminal that there is not')
      sizes.push(messageOf(messages.resize, payload))
    },
    cancel: payload => {
      if (payload.length > 0) throw new Unexpected('it has a payload')
      leave(new PrivexecError('PRIVEXEC_CANCELLED', 'The caller cancelled'))
    },
  }
  const channel = openChannel(stream, 'client', {
    frame: ({ name, payload }: Frame) => {
      try {
        take[name as ClientFrame](payload)
      } catch (error) {
        wrong(`The frame ${name} is not one: ${(error as Error).message}`)
      }
    },
    end: error => {
      if (error) wrong(error.message)
      else leave(new PrivexecError('PRIVEXEC_CALLER_GONE', 'The caller went away'))
    },
  })
  // When this process was busy itself, the request may be there already: it is read before an immediate is called.
  const judge = () => setImmediate(() => request ?? wrong('The request did not arrive in time'))
  const timer = setTimeout(judge, requestTime)
  const stop = () => clearTimeout(timer)
  promise.then(stop, stop)
  return { channel, request: promise, signal: abort.signal, input, sizes }
}

/** Frames that a channel lets through from a client. */
type ClientFrame = 'request' | 'input' | 'inputEnd' | 'resize' | 'cancel'

class Unexpected extends Error {}

/** Reads a JSON payload. Throws an error that names what is wrong; of what a stranger chose it has at most a name. */
function messageOf<T>(schema: Schema<T>, payload: Buffer): T {
  const { data, error } = schema.safeParse(readJson(payload))
  if (!error) return data as T
  const [{ path, message, keys }] = error.issues as [Issue]
  const where = path.map(String).join('.') || 'the message'
  throw new Unexpected(`${where}: ${keys ? `there is no key ${escapeValue(keys[0])}` : message}`)
}

interface Schema<T> {
  safeParse(value: unknown): {
    data?: T | undefined
    error?: { issues: readonly Issue[] } | undefined
  }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Set when there are keys that the schema does not know. */
  readonly keys?: readonly string[]
}
