import type { Content } from '../argument/staged-content.ts'
import type { Values } from '../command/argv.ts'
import type { Command } from '../command/command.ts'
import type { PrivexecError } from '../errors/error.ts'
import type { Grant } from '../policy/grant.ts'

declare const authorised: unique symbol

/** An argv, the executable first, that a policy allows. Only the decision makes one, and transports take nothing else. */
export type AuthorisedArgv = readonly [executable: string, ...args: string[]] & { readonly [authorised]: true }

/** A request that passed validation and policy. */
export interface Allowed {
  readonly allowed: true
  /** 32 lower-case hexadecimal digits; names the operation in argv, audit and sudo's own log. */
  readonly operation: string
  /** `<policy>-<operation>`. */
  readonly marker: string
  readonly command: Command
  readonly grant: Grant
  readonly argv: AuthorisedArgv
  readonly values: Values
  /** What must lie at the path in the argv before the program starts. */
  readonly staged?: { readonly file: string; readonly content: Content }
  /** The object acted on, for the audit record. */
  readonly labels: Readonly<Record<string, string | number>>
}

/** A request that did not; the error says which field, and what is allowed. */
export interface Denied {
  readonly allowed: false
  readonly operation: string
  readonly command: Command
  readonly error: PrivexecError
}

export type Decision = Allowed | Denied
