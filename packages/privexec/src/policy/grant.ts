import type { ArgumentType } from '../argument/type.ts'
import type { Command } from '../command/command.ts'
import { patternOf, type Slot, slotsOf } from '../command/slots.ts'
import { PrivexecError } from '../errors/error.ts'
import { longestRule, type Pattern, toSudoers } from '../pattern/dialect.ts'

/** One allowlist entry: a command, narrowed for one principal. */
export interface Grant {
  /** `<policy>/<command>`, with a number from the second grant of the same command on. */
  readonly id: string
  readonly command: Command
  readonly where: Readonly<Record<string, unknown>>
  /** Settings of the command's guards, with their defaults; empty with `transport: sudo`, which runs no guards. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Time limit in seconds, 1 to 86,400; the sudoers rule carries the same. */
  readonly timeout: number
  readonly slots: readonly Slot[]
  /** The arguments after the executable, joined with blanks. */
  readonly pattern: Pattern
}

/** A bound that does not fit the command; `path` leads to it below the grant. */
export class BoundError extends Error {
  readonly path: readonly (string | number)[]
  constructor(path: readonly (string | number)[], message: string) {
    super(message)
    this.path = path
  }
}

/**
 * Narrows a command to the bounds of a grant. The bounds were checked against the types' schemas before. Throws
 * `BoundError` for a bound that is missing or that no field has, and for a rule that sudo could not hold.
 */
export function grant(
  policy: string,
  id: string,
  command: Command,
  where: Readonly<Record<string, unknown>>,
  timeout: number,
  settings: Readonly<Record<string, unknown>> = {},
): Grant {
  const used = new Set<string>()
  const narrow = (_field: string, type: ArgumentType<unknown>): ArgumentType<unknown> => {
    const { bound } = type
    if (!bound) return type
    used.add(bound.key)
    const limit = where[bound.key]
    if (limit !== undefined) return narrowed(type, bound.key, limit)
    if (bound.required)
      throw new BoundError(['where'], `${command.id} needs the bound "${bound.key}": ${bound.summary}`)
    return type
  }
  const slots = slotsOf(command, policy, narrow)
  const unknown = Object.keys(where).find(key => !used.has(key))
  if (unknown !== undefined) {
    throw new BoundError(['where', unknown], `${command.id} has no bound of this name; it has ${[...used].join(', ')}`)
  }
  const pattern = patternOf(slots)
  const { length } = toSudoers(pattern)
  if (length > longestRule) {
    throw new BoundError(
      ['where'],
      `the rule would have ${length} characters; sudo never matches one over ${longestRule}`,
    )
  }
  return { id, command, where, settings, timeout, slots, pattern }
}

function narrowed(type: ArgumentType<unknown>, key: string, limit: unknown): ArgumentType<unknown> {
  try {
    return type.bound?.narrow(limit as never) ?? type
  } catch (error) {
    if (error instanceof PrivexecError) throw new BoundError(['where', key], error.message)
    throw error
  }
}
