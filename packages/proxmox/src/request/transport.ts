import type { Dispatcher } from 'undici'
import type { Method } from './definition.ts'

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: Method
  /** From `/api2/json`, with the query. */
  readonly path: string
  /** Form-encoded; undefined for GET and DELETE. */
  readonly body: string | undefined
}

/** An answer as it came in. */
export interface IncomingAnswer {
  readonly status: number
  readonly statusText: string
  readonly body: string
}

export interface TransportOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for all of it. */
  readonly timeout: number
}

/** Carries one request, once. Rejects with {@link Lost} when there is no whole answer. */
export type Transport = (request: OutgoingRequest, options: TransportOptions) => Promise<IncomingAnswer>

/** Why there is no whole answer. */
export class Lost extends Error {
  readonly timedOut: boolean
  readonly cancelled: boolean
  /** False when no byte of the request can have reached Proxmox. */
  readonly sent: boolean

  constructor(cause: unknown, facts: { timedOut: boolean; cancelled: boolean; sent: boolean }) {
    super('no whole answer', { cause })
    this.timedOut = facts.timedOut
    this.cancelled = facts.cancelled
    this.sent = facts.sent
  }
}

/** Longest answer that is read: 10 000 guests are about 8 MB. */
const longestAnswer = 64 * 1024 * 1024

/** Sends requests through undici, with the API token in a header. */
export function httpTransport(dispatcher: Dispatcher, origin: URL, authorization: () => string): Transport {
  return (request, { signal, timeout }) =>
    new Promise((resolve, reject) => {
      let controller: Dispatcher.DispatchController | undefined
      let answer = { status: 0, statusText: '' }
      let size = 0
      let ended = false
      let timedOut = false
      let sent = false
      const chunks: Buffer[] = []
      const finish = (settle: () => void): void => {
        if (ended) return
        ended = true
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        settle()
      }
      const fail = (cause: unknown): void =>
        finish(() => reject(new Lost(cause, { timedOut, cancelled: signal?.aborted ?? false, sent })))
      const giveUp = (cause: Error): void => {
        fail(cause)
        controller?.abort(cause)
      }
      const cancel = (): void => giveUp(new Error('cancelled', { cause: signal?.reason }))
      const timer = setTimeout(() => {
        timedOut = true
        giveUp(new Error('timed out'))
      }, timeout)
      signal?.addEventListener('abort', cancel, { once: true })
      if (signal?.aborted) return cancel()

      dispatcher.dispatch(
        {
          origin: origin.origin,
          method: request.method,
          path: request.path,
          headers: {
            authorization: authorization(),
            accept: 'application/json',
            ...(request.body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          },
          body: request.body ?? null,
        },
        {
          onRequestStart: started => {
            controller = started
            if (ended) started.abort(new Error('nobody waits'))
            else sent = true
          },
          onResponseStart: (_, status, _headers, statusText) => {
            answer = { status, statusText: statusText ?? '' }
          },
          onResponseData: (_, chunk) => {
            size += chunk.length
            if (size > longestAnswer) giveUp(new Error(`the answer has more than ${longestAnswer} bytes`))
            else chunks.push(chunk)
          },
          onResponseEnd: () => finish(() => resolve({ ...answer, body: Buffer.concat(chunks).toString('utf8') })),
          onResponseError: (_, error) => fail(error),
        },
      )
    })
}
