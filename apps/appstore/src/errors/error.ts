import { type ErrorCode, errorRegistry, type Reason } from './registry.ts'

/** One thing that is wrong: where, and in words. Values of strangers stand in `message` only escaped. */
export interface Problem {
  /** Field as a path: `inputs[2].validation.regex`, `inputs.admin_password`; empty for the whole document. */
  readonly field: string
  readonly message: string
  /** Where the field stands, if in a file: path as the user knows it, line and column from 1. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** What an error can tell beside its code. */
export interface ErrorDetails {
  /** Field that the error is about, as the API, the command line or the configuration names it. */
  readonly field?: string
  /** Everything that is wrong, where more than one thing may be. */
  readonly problems?: readonly Problem[]
  /** What to do next, where more can be said than the registry does. */
  readonly hint?: string
  /** Program that failed, its exit status, and the end of what it said; never a secret. */
  readonly program?: string
  readonly exitCode?: number
  readonly stderr?: string
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter?: number
  readonly cause?: unknown
}

const brand = Symbol.for('@broker/appstore.error')

/** The one error class: `code`, and one boolean per reason, of which exactly one is true. */
export class AppstoreError extends Error {
  override readonly name = 'AppstoreError'
  readonly code: ErrorCode
  readonly isInvalid: boolean
  readonly isNotFound: boolean
  readonly isConflict: boolean
  readonly isPrecondition: boolean
  readonly isUnavailable: boolean
  readonly isFailed: boolean
  readonly isRefused: boolean
  readonly isUnauthenticated: boolean
  readonly isNoSpace: boolean
  readonly isBusy: boolean
  readonly isTimedOut: boolean
  readonly isCancelled: boolean
  declare readonly field?: string
  declare readonly problems?: readonly Problem[]
  declare readonly hint?: string
  declare readonly program?: string
  declare readonly exitCode?: number
  declare readonly stderr?: string
  declare readonly retryAfter?: number
  readonly [brand] = true

  /** `message` must hold values of strangers only through `escapeValue`; secrets never. */
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
    this.isUnauthenticated = is('unauthenticated')
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

  /** Exit status that the `appstore` command has for this error, 64 to 130. */
  get exit(): number {
    return errorRegistry[this.code].exit
  }

  /** Status of an HTTP answer for this error, 400 to 599. */
  get http(): number {
    return errorRegistry[this.code].http
  }
}

/** Recognises the error class across copies of this package, which `instanceof` does not. */
export function isAppstoreError(value: unknown): value is AppstoreError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: boolean })[brand] === true
}
