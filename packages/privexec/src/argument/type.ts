import type { z } from 'zod'
import type { Pattern } from '../pattern/dialect.ts'

/** The part of zod that types get handed, so that importing this library does not import zod. */
export type Zod = typeof z

/** What an operation supplies to arguments that are not the caller's: names that the library makes itself. */
export interface SpellContext {
  /** `<policy>-<operation id>`, the value of PRIVEXEC_OPERATION. */
  readonly marker: string
  /** Absolute path below the staging directory, where content of this operation is put. */
  readonly stagedFile: string
}

/** How a policy may narrow a type: the key below `where`, its schema, and the narrower type that follows. */
export interface Bound<Value> {
  readonly key: string
  /** A grant without a required bound is an error. */
  readonly required: boolean
  readonly summary: string
  schema(z: Zod): z.ZodType
  narrow(limit: never): ArgumentType<Value>
}

/**
 * One small kind of value: what a caller may give, how it is spelled in an argv, and which spellings there are. The
 * spellings that `spell` makes and the texts of `pattern` are the same set; the equivalence tests prove it.
 */
export interface ArgumentType<Value> {
  readonly name: string
  /** Completes "…is not allowed here; allowed is …". */
  readonly allowed: string
  /** `word`: one element without blanks. `tail`: all remaining elements, and the pattern is of their joined text. */
  readonly shape: 'word' | 'tail' | 'none'
  readonly pattern: Pattern
  readonly bound?: Bound<Value>
  /** Set when the argv holds the path of a staged file, and the value is what is to be put there. */
  readonly staged?: true
  /** The type for one policy, where the policy's name is part of the spelling. */
  forPolicy?(policy: string): ArgumentType<Value>
  /** Name below which the value appears in the audit record. */
  readonly label?: string
  /** Checks a value of the caller. Must not coerce. */
  schema(z: Zod): z.ZodType<Value>
  /** The canonical elements of an argv. */
  spell(value: Value, context: SpellContext): readonly string[]
  /** The value that `spell` makes these elements of. Called only with elements that match the pattern. */
  read(elements: readonly string[]): Value
}

/** The value that a type takes. */
export type ValueOf<T> = T extends ArgumentType<infer Value> ? Value : never

/** A type whose values are their own spelling: a text that matches a pattern. */
export function textType(
  is: Pick<ArgumentType<string>, 'name' | 'allowed' | 'pattern' | 'bound' | 'label'>,
  matcher: RegExp,
): ArgumentType<string> {
  return {
    shape: 'word',
    ...is,
    schema: z => z.string().regex(matcher),
    spell: value => [value],
    read: elements => elements[0] ?? '',
  }
}
