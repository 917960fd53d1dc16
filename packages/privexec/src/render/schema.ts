import type { z } from 'zod'
import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import type { Grant } from '../policy/grant.ts'
import type { Policy } from '../policy/policy.ts'
import { policySchema } from '../policy/schema.ts'

type JsonSchema = Record<string, unknown>

/** JSON Schema (2020-12) of policy files, for editors and for checks without this library. */
export async function policyJsonSchema(
  commands: readonly Command[] = catalogue as readonly Command[],
): Promise<JsonSchema> {
  const { z } = await import('zod')
  return z.toJSONSchema(policySchema(z, commands), {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if ((path.includes('where') || path.includes('guard')) && jsonSchema.pattern !== undefined)
        allowVariables(jsonSchema)
    },
  }) as JsonSchema
}

/** Bounds may hold `{name}` of a variable, and are checked once it is put in; only the file's reader can do that. */
function allowVariables(schema: { pattern?: string; anyOf?: unknown }): void {
  const { pattern } = schema
  delete schema.pattern
  Object.assign(schema, { anyOf: [{ pattern }, { pattern: '\\{[a-z][a-z0-9_]*\\}' }] })
}

/** JSON Schemas of the inputs that a policy allows, by command; content is bytes in base64 there. */
export async function inputJsonSchema(policy: Policy): Promise<JsonSchema> {
  const { z: zod } = await import('zod')
  const inputs = policy.grants.map(grant => ({
    title: grant.id,
    description: grant.command.summary,
    ...input(zod, grant),
  }))
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: `Inputs of ${policy.name}`, anyOf: inputs }
}

function input(zod: typeof z, grant: Grant): JsonSchema {
  const shape: Record<string, z.ZodType> = {}
  const bytes = new Set<z.ZodType>()
  for (const slot of grant.slots) {
    if (slot.kind !== 'argument' && slot.kind !== 'option') continue
    const schema = slot.type.schema(zod).describe(slot.type.allowed)
    if (slot.type.staged) bytes.add(schema)
    shape[slot.field] = slot.kind === 'option' ? schema.optional() : schema
  }
  const { $schema: _same, ...schema } = zod.toJSONSchema(zod.strictObject(shape), {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (bytes.has(zodSchema as unknown as z.ZodType))
        Object.assign(jsonSchema, { type: 'string', contentEncoding: 'base64' })
    },
  })
  return schema
}
