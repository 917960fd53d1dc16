import type { z } from 'zod'
import type { Zod } from '../argument/type.ts'
import type { Values } from '../command/argv.ts'
import type { Slot } from '../command/slots.ts'
import { escapeValue } from '../errors/escape.ts'
import type { ErrorCode } from '../errors/registry.ts'

/** Checks an input object against the fields of an argv. */
export interface Validator {
  /** The values, each read once; undefined also for an input whose properties throw. */
  check(input: unknown): Values | undefined
  /** Why `check` gave nothing. */
  explain(input: unknown): Problem
}

/** What is wrong with an input. */
export interface Problem {
  readonly code: ErrorCode
  readonly field: string
  readonly message: string
}

/** Builds the validator of a grant's slots: a strict object, so an unknown field is refused. */
export function validator(zod: Zod, slots: readonly Slot[]): Validator {
  const fields = fieldsOf(slots)
  const shape: Record<string, z.ZodType> = {}
  for (const slot of fields) {
    const schema = slot.type.schema(zod)
    shape[slot.field] = slot.kind === 'option' ? schema.optional() : schema
  }
  const schema = zod.strictObject(shape)
  return {
    check: input => {
      try {
        const parsed = schema.safeParse(input)
        return parsed.success ? parsed.data : undefined
      } catch {
        return undefined
      }
    },
    explain: input => {
      try {
        return problem(input, fields, schema.safeParse(input).error?.issues[0])
      } catch {
        return { code: 'PRIVEXEC_ARGUMENT_INVALID', field: 'input', message: 'The input cannot be read' }
      }
    },
  }
}

const fieldsOf = (slots: readonly Slot[]) => slots.filter(slot => slot.kind === 'argument' || slot.kind === 'option')

function problem(input: unknown, fields: ReturnType<typeof fieldsOf>, issue: z.core.$ZodIssue | undefined): Problem {
  const code = 'PRIVEXEC_ARGUMENT_INVALID'
  const names = fields.map(slot => slot.field).join(', ')
  if (!issue) return { code, field: 'input', message: 'The input changes while it is read' }
  if (issue.code !== 'unrecognized_keys' && issue.path.length === 0) {
    return { code, field: 'input', message: `The input must be an object with the fields ${names}` }
  }
  if (issue.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? ''
    return { code, field, message: `There is no field ${escapeValue(field)}; the fields are ${names}` }
  }
  const [field = '', ...rest] = issue.path.map(String)
  const { allowed = '', staged } = fields.find(slot => slot.field === field)?.type ?? {}
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], input)
  const path = rest.reduce((text, part) => `${text}[${part}]`, field)
  if (value === undefined) return { code, field: path, message: `${path} is missing; allowed is ${allowed}` }
  const shown = staged ? kindOf(value) : escapeValue(value)
  return { code, field: path, message: `${path}: ${shown} is not allowed here; allowed is ${allowed}` }
}

/** Content may be a secret, so a text in its place is not shown either. */
const kindOf = (value: unknown): string =>
  typeof value === 'string' ? `a text of ${value.length} characters` : `a value of type ${typeof value}`
