import type { Grant } from './grant.ts'

/** Who may use a policy: one account, or the members of a group. */
export interface Principal {
  readonly kind: 'user' | 'group'
  readonly name: string
  /**
   * Whether the account is a service's only, with no login and no other sudo rules. sudo then logs what it refuses,
   * where for a person it would ask for the password.
   */
  readonly service: boolean
}

/**
 * How an authorised argv becomes a process: a rule of sudo's for each argv; the root-side broker behind its socket; or the
 * same started by sudo for one request, which a sudo without argument patterns can allow.
 */
export type TransportName = 'sudo' | 'daemon' | 'portable'

/** What the root-side broker takes from the principal of one policy, all its connections together. */
export interface Limits {
  /** Operations at the same time, 1 to 1,024. */
  readonly running: number
  /** Operations that wait for a place, 0 to 100,000. */
  readonly queue: number
  /** Requests in a minute, 1 to 1,000,000. */
  readonly perMinute: number
  /** Bytes of content of one operation, 1 to 1,073,741,824. */
  readonly content: number
}

/** A policy as the library works with it: one principal, and what it may do. */
export interface Policy {
  readonly name: string
  readonly summary: string
  readonly principal: Principal
  /** Account that the commands run as. */
  readonly runAs: string
  readonly transport: TransportName
  /** Those of the file or the defaults; sudo knows none of them. */
  readonly limits: Limits
  readonly audit: {
    /** Absolute path of the audit file. */
    readonly file: string
  }
  readonly grants: readonly Grant[]
  /** SHA-256 of everything that decides, in hexadecimal; audit records name it. */
  readonly hash: string
  /** Where it was read from. */
  readonly source?: string
}
