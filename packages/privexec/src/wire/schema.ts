import type { FrameName } from './frame.ts'
import { messageSchemas } from './message.ts'

/** A JSON Schema (2020-12) of an object. */
export interface ObjectSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
}

/** A JSON Schema of a value, as far as the messages need it. */
export interface PropertySchema extends Partial<ObjectSchema> {
  readonly type?: string
  readonly description?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly maxLength?: number
  readonly items?: PropertySchema
}

/** The JSON Schemas of the messages, by the name of their frame, for documentation and for clients in other languages. */
export async function messageJsonSchemas(): Promise<Readonly<Partial<Record<FrameName, ObjectSchema>>>> {
  const { z } = await import('zod')
  const schemas = Object.entries(messageSchemas(z))
  return Object.fromEntries(
    schemas.map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' }) as ObjectSchema]),
  )
}
