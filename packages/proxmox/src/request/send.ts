import { escapeValue } from '@broker/privexec/escape'
import type { Log } from '../connection/options.ts'
import { ProxmoxError } from '../errors/error.ts'
import { errorFromAnswer } from '../errors/from-answer.ts'
import type { Call } from './definition.ts'
import { errorFromFailure } from './failure.ts'
import { type Retry, withRetry } from './retry.ts'
import { type IncomingAnswer, Lost, type OutgoingRequest, type Transport } from './transport.ts'

export interface SendOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for one try; default that of the connection. */
  readonly timeout?: number | undefined
  /** False: one try only. */
  readonly retry?: boolean | undefined
}

/** Sends a request and reads its answer. */
export type Send = <A>(call: Call<A>, options?: SendOptions) => Promise<A>

export interface SendContext {
  readonly transport: Transport
  readonly retry: Retry
  readonly timeout: number
  readonly log?: Log | undefined
  /** Takes secrets of this library out of what a server says. */
  readonly conceal?: (text: string) => string
}

/** Spells a request: parameters are form-encoded, in the query of GET and DELETE, in the body of the others. */
export function spell({ method, path, parameters }: Call<unknown>): OutgoingRequest {
  const form = new URLSearchParams(parameters as [string, string][]).toString()
  const inQuery = method === 'GET' || method === 'DELETE'
  const query = inQuery && form !== '' ? `?${form}` : ''
  return { method, path: `/api2/json${path}${query}`, body: inQuery ? undefined : form }
}

export function makeSend({ transport, retry, timeout, log, conceal = text => text }: SendContext): Send {
  return async (call, options = {}) => {
    const { method, path } = call
    const { signal } = options
    const outgoing = spell(call)
    const attempt = async (): Promise<IncomingAnswer> => {
      const began = performance.now()
      const duration = (): number => Math.round(performance.now() - began)
      try {
        const answer = await transport(outgoing, { signal, timeout: options.timeout ?? timeout })
        log?.debug({ method, path, status: answer.status, duration: duration() }, 'proxmox')
        if (answer.status < 200 || answer.status > 299)
          throw errorFromAnswer({ ...answer, ...concealed(answer), method, path })
        return answer
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        const failure = errorFromFailure(call, error.cause, error)
        log?.debug({ method, path, code: failure.code, duration: duration() }, 'proxmox')
        throw failure
      }
    }
    const concealed = ({ statusText, body }: IncomingAnswer): Pick<IncomingAnswer, 'statusText' | 'body'> => ({
      statusText: conceal(statusText),
      body: conceal(body),
    })
    const onRetry = ({ code }: ProxmoxError): void => log?.debug({ method, path, code }, 'proxmox: once more')
    const once = { ...retry, tries: 1 }
    // An answer that breaks off is a lost one, so that it is read inside of the tries.
    return withRetry(method, options.retry === false ? once : retry, async () => read(call, await attempt()), {
      signal,
      onRetry,
    })
  }
}

/** Reads `{"data": …}`; null is undefined. Rejects with `PROXMOX_ANSWER_INVALID`. */
export function read<A>({ method, path, answer }: Call<A>, { status, body }: IncomingAnswer): A {
  const refuse = (why: string, field?: string): never => {
    throw new ProxmoxError('PROXMOX_ANSWER_INVALID', `${method} ${path}: ${why}`, {
      method,
      path,
      status,
      mayHaveRun: method !== 'GET',
      ...(field !== undefined && { field }),
    })
  }
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return refuse(body === '' ? 'the answer is empty' : `the answer is not JSON: ${escapeValue(body, 60)}`)
  }
  if (typeof json !== 'object' || json === null || !('data' in json)) return refuse('the answer has no data')
  const parsed = answer.safeParse(json.data ?? undefined)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.map(String).join('.') || 'data'
  return refuse(`${field}: ${escapeValue(issue?.message ?? 'not of its kind', 200)}`, field)
}
