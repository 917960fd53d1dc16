/** Text by parameter name, as Proxmox has it in `errors` of an answer with status 400. */
export type ParameterErrors = Readonly<Record<string, string>>

/**
 * A refusal or failure that is answered to the client: the message goes into the status line and, from Proxmox 9 on, into
 * the body as well. It may hold whatever the client sent; the wire removes what a status line cannot carry.
 */
export class ApiError extends Error {
  readonly status: number
  readonly errors: ParameterErrors | undefined
  /** True when the answer has no body, as failed logins have it. */
  readonly isBare: boolean

  constructor(status: number, message: string, more: { errors?: ParameterErrors; isBare?: boolean } = {}) {
    super(message)
    this.status = status
    this.errors = more.errors
    this.isBare = more.isBare ?? false
  }
}

/** Failure of an operation itself: most of them are 500 in Proxmox. */
export const failed = (message: string): ApiError => new ApiError(500, message)

/** 403, with what was missing in brackets. */
export const forbidden = (what?: string): ApiError =>
  new ApiError(403, what === undefined ? 'Permission check failed' : `Permission check failed (${what})`)

/** 400 with a text for each parameter. */
export const invalid = (errors: ParameterErrors): ApiError =>
  new ApiError(400, 'Parameter verification failed.', { errors })
