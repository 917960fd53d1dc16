import type { ProblemDetails } from './types.ts'

/** Where the API is; the page is served by the same daemon. */
export const base = '/api/v1'

/** An answer of the API that is not what was asked for, or none at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** Status of the answer; 0 when there was none. */
  readonly status: number
  readonly problem: ProblemDetails

  constructor(problem: ProblemDetails) {
    super(problem.detail)
    this.status = problem.status
    this.problem = problem
  }
}

let csrf: string | undefined
let onLoggedOut = (): void => {}

/** Sets the page's own token, which goes with everything that changes something. */
export function setCsrf(token: string | undefined): void {
  csrf = token
}

/** Sets what is done when the session turns out to have ended. */
export function whenLoggedOut(run: () => void): void {
  onLoggedOut = run
}

const unreachable: ProblemDetails = {
  type: 'about:blank',
  title: 'No answer',
  status: 0,
  detail: 'The daemon does not answer',
  code: 'UNREACHABLE',
  advice: 'See whether it runs, and whether this device reaches it',
}

/** What a request is made with. */
export interface CallOptions {
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** The same key gives the same job. */
  readonly idempotencyKey?: string
}

/**
 * Asks the API.
 * @throws {ApiError} for every answer but success
 */
export async function call<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, signal, idempotencyKey } = options
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET' && csrf !== undefined) headers['x-csrf-token'] = csrf
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  const response = await fetch(`${base}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: Error) => {
    if (error.name === 'AbortError') throw error
    throw new ApiError(unreachable)
  })
  if (response.status === 204) return undefined as Answer
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as Answer
  if (response.status === 401 && path !== '/login') onLoggedOut()
  const problem = answer as ProblemDetails | undefined
  throw new ApiError(problem?.detail === undefined ? { ...unreachable, status: response.status } : problem)
}
