import { z } from 'zod'
import { isProxmoxError } from '../errors/error.ts'

// Proxmox spells numbers as strings at times, and flags as 0, 1, "0", "1", "" or JSON booleans, differently in 8 and 9.
// What an answer tells beside the identity of a thing is undefined when it is spelled in a way that nobody knew of.

/** A number, or its text. */
export const count = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i)
    .transform(Number),
])

/** A flag. */
export const truth = z.union([
  z.boolean(),
  z.literal([1, '1']).transform(() => true),
  z.literal([0, '0', '']).transform(() => false),
])

/** A text; numbers are taken as their digits (a hostname `123` comes as a number). */
export const string = z.union([z.string(), z.number().transform(String)])

/** Undefined when it lacks, is null, or cannot be read. */
export const maybe = <T extends z.ZodType>(type: T) => type.optional().catch(undefined)

/** An array; null stands for the empty one. */
export const rows = <T extends z.ZodType>(of: T) => z.preprocess(value => value ?? [], z.array(of))

/** No answer at all. */
export const nothing = z.unknown().transform((): void => undefined)

/** A value that `check` takes and brands; numbers are given to it as their digits. */
export const of = <T>(check: (value: string) => T) =>
  string.transform((value, context): T => {
    try {
      return check(value)
    } catch (error) {
      if (!isProxmoxError(error)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  })
