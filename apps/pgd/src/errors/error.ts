import { type ErrorCode, errorRegistry, type Reason } from './registry.ts'

/** What an error can tell beside its code. */
export interface ErrorDetails {
  /** Option or argument that the error is about, as the command line and the API name it. */
  readonly field?: string
  /** What to do next, where more can be said than the registry does. */
  readonly hint?: string
  /** Program that failed, its exit status, and the end of what it said; never a secret. */
  readonly program?: string
  readonly exitCode?: number
  readonly stderr?: string
  readonly cause?: unknown
}

const brand = Symbol.for('@broker/pgd.error')

/** The one error class: `code`, and one boolean per reason, of which exactly one is true. */
export class PgdError extends Error {
  override readonly name = 'PgdError'
  readonly code: ErrorCode
  readonly isInvalid: boolean
  readonly isNotFound: boolean
  readonly isConflict: boolean
  readonly isPrecondition: boolean
  readonly isUnavailable: boolean
  readonly isFailed: boolean
  readonly isRefused: boolean
  readonly isNoSpace: boolean
  readonly isBusy: boolean
  readonly isTimedOut: boolean
  readonly isCancelled: boolean
  declare readonly field?: string
  declare readonly hint?: string
  declare readonly program?: string
  declare readonly exitCode?: number
  declare readonly stderr?: string
  readonly [brand] = true

  /** `message` must hold values of users only through `escapeValue`; secrets never. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, ...rest } = details
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    const is = (reason: Reason): boolean => errorRegistry[code].reason === reason
    this.isInvalid = is('invalid')
    this.isNotFound = is('notFound')
    this.isConflict = is('conflict')
    this.isPrecondition = is('precondition')
    this.isUnavailable = is('unavailable')
    this.isFailed = is('failed')
    this.isRefused = is('refused')
    this.isNoSpace = is('noSpace')
    this.isBusy = is('busy')
    this.isTimedOut = is('timedOut')
    this.isCancelled = is('cancelled')
    Object.assign(this, rest)
  }

  /** What to do next: of this error, else from the registry. */
  get advice(): string {
    return this.hint ?? errorRegistry[this.code].advice
  }

  /** Exit status that the `pgd` command has for this error, 64 to 130. */
  get exit(): number {
    return errorRegistry[this.code].exit
  }
}

/** Recognises the error class across copies of this package, which `instanceof` does not. */
export function isPgdError(value: unknown): value is PgdError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: boolean })[brand] === true
}
