import type { z } from 'zod'
import type { ArgumentType, Bound, Zod } from '../argument/type.ts'
import type { Command } from '../command/command.ts'

/** The bounds that a policy may set for a command, by key. */
export function* boundsIn(command: Command): Generator<Bound<unknown>> {
  for (const element of command.argv) {
    if (typeof element === 'string' || element.kind === 'marker') continue
    const { bound } = element.type as ArgumentType<unknown>
    if (bound) yield bound
  }
}

/** Schema of `where` of one command. A text may hold `{name}` of a variable, which is put in before this is applied. */
export function boundsOf(zod: Zod, command: Command): z.ZodType {
  const keys: Record<string, z.ZodType> = {}
  for (const bound of boundsIn(command)) {
    const schema = bound.schema(zod).describe(bound.summary)
    keys[bound.key] = bound.required ? schema : schema.optional()
  }
  const where = zod.strictObject(keys)
  return Object.values(keys).some(key => !key.safeParse(undefined).success) ? where : where.default({})
}
