import { type ErrorCode, errorRegistry, type Reason } from './registry.ts'

/** Which kind of thing there is none of. */
export type Subject = 'guest' | 'node' | 'storage' | 'volume' | 'snapshot' | 'pool' | 'user' | 'token' | 'role' | 'task'

/** What an error can tell beside its code. */
export interface ErrorDetails {
  /** Option, parameter or key of an answer that the error is about: `net0.bridge`, `tls.fingerprint`. */
  readonly field?: string
  /** The request: never with its parameters, which may be secrets. */
  readonly method?: string
  readonly path?: string
  /** HTTP status and reason phrase; Proxmox before January 2025 says what is wrong in the reason phrase only. */
  readonly status?: number
  readonly statusText?: string
  /** What Proxmox says, without the final line feed. */
  readonly answer?: string
  /** What Proxmox says of single parameters. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The privileges that lack, and where; one of them does where Proxmox separates them by `|`. */
  readonly permission?: { readonly path: string; readonly privileges: readonly string[] }
  readonly subject?: Subject
  /** True when a change may have been made although the call failed. */
  readonly mayHaveRun?: boolean
  /** SHA-256 of the certificate that the server showed, as `AB:CD:…`. */
  readonly fingerprint?: string
  readonly upid?: string
  /** Last lines of the task's log. */
  readonly log?: readonly string[]
  readonly cause?: unknown
}

const brand = Symbol.for('@broker/proxmox.error')

/** The one error class: `code`, and one boolean per reason, of which exactly one is true. */
export class ProxmoxError extends Error {
  override readonly name = 'ProxmoxError'
  readonly code: ErrorCode
  readonly isInvalid: boolean
  readonly isUnauthorized: boolean
  readonly isForbidden: boolean
  readonly isNotFound: boolean
  readonly isConflict: boolean
  readonly isPrecondition: boolean
  readonly isBusy: boolean
  readonly isNoSpace: boolean
  readonly isUnsupported: boolean
  readonly isUnavailable: boolean
  readonly isUntrusted: boolean
  readonly isFailed: boolean
  readonly isTimedOut: boolean
  readonly isLost: boolean
  readonly isCancelled: boolean
  declare readonly field?: string
  declare readonly method?: string
  declare readonly path?: string
  declare readonly status?: number
  declare readonly statusText?: string
  declare readonly answer?: string
  declare readonly parameters?: Readonly<Record<string, string>>
  declare readonly permission?: { readonly path: string; readonly privileges: readonly string[] }
  declare readonly subject?: Subject
  declare readonly fingerprint?: string
  declare readonly upid?: string
  declare readonly log?: readonly string[]
  readonly mayHaveRun: boolean
  readonly [brand] = true

  /** `message` must hold values of strangers only through `escapeValue`; secrets never. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, mayHaveRun = false, ...rest } = details
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.mayHaveRun = mayHaveRun
    const is = (reason: Reason): boolean => errorRegistry[code].reason === reason
    this.isInvalid = is('invalid')
    this.isUnauthorized = is('unauthorized')
    this.isForbidden = is('forbidden')
    this.isNotFound = is('notFound')
    this.isConflict = is('conflict')
    this.isPrecondition = is('precondition')
    this.isBusy = is('busy')
    this.isNoSpace = is('noSpace')
    this.isUnsupported = is('unsupported')
    this.isUnavailable = is('unavailable')
    this.isUntrusted = is('untrusted')
    this.isFailed = is('failed')
    this.isTimedOut = is('timedOut')
    this.isLost = is('lost')
    this.isCancelled = is('cancelled')
    Object.assign(this, rest)
  }

  /** What to do next, from the registry. */
  get advice(): string {
    return errorRegistry[this.code].advice
  }
}

/** Recognises the error class across copies of this package, which `instanceof` does not. */
export function isProxmoxError(value: unknown): value is ProxmoxError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: boolean })[brand] === true
}

/** The error of a value that is not of its kind. */
export const invalid = (field: string, message: string): ProxmoxError =>
  new ProxmoxError('PROXMOX_INPUT_INVALID', `${field}: ${message}`, { field })
