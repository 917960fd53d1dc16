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

/** A policy as the library works with it: one principal, and what it may do. */
export interface Policy {
  readonly name: string
  readonly summary: string
  readonly principal: Principal
  /** Account that the commands run as. */
  readonly runAs: string
  readonly transport: 'sudo'
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
