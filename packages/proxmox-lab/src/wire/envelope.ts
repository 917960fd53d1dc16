import { Counted } from '../api/endpoint.ts'
import { ApiError } from './error.ts'

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status: number
  readonly reason: string
  /** Absent when there is no body. */
  readonly body?: string
}

export const contentType = 'application/json;charset=UTF-8'

/** The answer of a method that succeeded. */
export function answerOf(result: unknown): Answer {
  const body = result instanceof Counted ? { data: result.data, total: result.total } : { data: result ?? null }
  return { status: 200, reason: 'OK', body: JSON.stringify(body) }
}

/** The answer of a failure; before version 9 the message is in the status line only. */
export function answerOfError(error: unknown, version: 8 | 9): Answer {
  const known = error instanceof ApiError ? error : new ApiError(500, (error as Error).message)
  const reason = reasonOf(known.message)
  if (known.isBare) return { status: known.status, reason }
  const body: Record<string, unknown> = { data: null }
  if (known.errors !== undefined) body.errors = known.errors
  if (version >= 9) body.message = isMethodMissing(known) ? known.message : `${known.message}\n`
  return { status: known.status, reason, body: JSON.stringify(body) }
}

const isMethodMissing = ({ status }: ApiError): boolean => status === 501

/** A status line carries one line of Latin-1 without control characters. */
const reasonOf = (message: string): string => message.replaceAll(/[^\t\x20-\x7e\x80-\xff]+/g, ' ').trim()
