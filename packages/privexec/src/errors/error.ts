import { type ErrorCode, errorRegistry, type Reason } from './registry.ts'

/** What an error can tell beside its code; the fields of a result are here too, as far as the operation came. */
export interface ErrorDetails {
  /** Field of the input or of the policy, as a path: `command[2]`, `grants[0].where.vmid`. */
  readonly field?: string
  /** Which failure of the definition the program's exit status and stderr were recognised as. */
  readonly failure?: string
  readonly command?: string
  /** Operation id, which is `event.id` of the audit records. */
  readonly operation?: string
  readonly argv?: readonly string[]
  readonly exitCode?: number
  readonly signal?: string
  readonly stdout?: string
  readonly stderr?: string
  /** Wall time in milliseconds. */
  readonly duration?: number
  /** False when something that root started may still be running. */
  readonly ended?: boolean
  readonly cause?: unknown
}

const brand = Symbol.for('@broker/privexec.error')

/**
 * The one error class. It has the shape of a successful result, as far as the operation came, plus `code`, and one
 * boolean per reason, of which exactly one is true.
 */
export class PrivexecError extends Error {
  override readonly name = 'PrivexecError'
  readonly code: ErrorCode
  readonly isInvalid: boolean
  readonly isRefused: boolean
  readonly isUnavailable: boolean
  readonly isFailed: boolean
  readonly isKilled: boolean
  readonly isTimedOut: boolean
  readonly isCancelled: boolean
  readonly isOutputLimited: boolean
  readonly isLost: boolean
  readonly isAudit: boolean
  declare readonly field?: string
  declare readonly failure?: string
  declare readonly command?: string
  declare readonly operation?: string
  declare readonly argv?: readonly string[]
  declare readonly exitCode?: number
  declare readonly signal?: string
  declare readonly stdout?: string
  declare readonly stderr?: string
  declare readonly duration?: number
  declare readonly ended?: boolean
  readonly [brand] = true

  /** `message` must hold values of users only through `escapeValue`; secrets never. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, ...rest } = details
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    const is = (reason: Reason): boolean => errorRegistry[code].reason === reason
    this.isInvalid = is('invalid')
    this.isRefused = is('refused')
    this.isUnavailable = is('unavailable')
    this.isFailed = is('failed')
    this.isKilled = is('killed')
    this.isTimedOut = is('timedOut')
    this.isCancelled = is('cancelled')
    this.isOutputLimited = is('outputLimited')
    this.isLost = is('lost')
    this.isAudit = is('audit')
    Object.assign(this, rest)
  }

  /** What to do next, from the registry. */
  get advice(): string {
    return errorRegistry[this.code].advice
  }

  /** Exit status that the `privexec` command has for this error, 1 to 125. */
  get exit(): number {
    return errorRegistry[this.code].exit
  }
}

/** Recognises the error class across copies of this package, which `instanceof` does not. */
export function isPrivexecError(value: unknown): value is PrivexecError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: boolean })[brand] === true
}
