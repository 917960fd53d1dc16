type Schema = { readonly [keyword: string]: unknown }

/** Keywords of which the check below knows the meaning, and those that have none for it. */
const known = new Set(
  [
    '$schema',
    'title',
    'description',
    'default',
    'type',
    'properties',
    'required',
    'additionalProperties',
    'propertyNames',
  ]
    .concat(['anyOf', 'oneOf', 'const', 'enum', 'pattern', 'minimum', 'maximum', 'items', 'prefixItems', 'minItems'])
    .concat(['maxItems', 'contentEncoding']),
)

/**
 * Whether a value is valid for a JSON Schema (2020-12), by the part of it that rendered schemas use. Throws for a keyword
 * beyond that part, so that no constraint is passed over.
 */
export function isValid(schema: Schema, value: unknown): boolean {
  for (const keyword of Object.keys(schema)) if (!known.has(keyword)) throw new Error(`unknown keyword ${keyword}`)
  const { type, anyOf, oneOf, enum: members } = schema as { [keyword: string]: never }
  const valid = (of: Schema) => isValid(of, value)
  if (type !== undefined && !isOfType(type, value)) return false
  if (anyOf !== undefined && !(anyOf as Schema[]).some(valid)) return false
  if (oneOf !== undefined && (oneOf as Schema[]).filter(valid).length !== 1) return false
  if (members !== undefined && !(members as unknown[]).includes(value)) return false
  if ('const' in schema && schema.const !== value) return false
  if (typeof value === 'string') return !('pattern' in schema) || new RegExp(schema.pattern as string, 'u').test(value)
  if (typeof value === 'number')
    return value >= ((schema.minimum as number) ?? value) && value <= ((schema.maximum as number) ?? value)
  if (Array.isArray(value)) return isValidArray(schema, value)
  return typeof value !== 'object' || value === null || isValidObject(schema, value as Record<string, unknown>)
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}

function isValidArray(schema: Schema, value: readonly unknown[]): boolean {
  const {
    prefixItems = [],
    items = {},
    minItems = 0,
    maxItems = Number.POSITIVE_INFINITY,
  } = schema as {
    prefixItems?: Schema[]
    items?: Schema
    minItems?: number
    maxItems?: number
  }
  return (
    value.length >= minItems &&
    value.length <= maxItems &&
    value.every((item, at) => isValid(prefixItems[at] ?? items, item))
  )
}

function isValidObject(schema: Schema, value: Record<string, unknown>): boolean {
  const {
    properties = {},
    required = [],
    additionalProperties = {},
    propertyNames = {},
  } = schema as {
    properties?: Record<string, Schema>
    required?: string[]
    additionalProperties?: Schema | false
    propertyNames?: Schema
  }
  if (!required.every(name => Object.hasOwn(value, name))) return false
  return Object.entries(value).every(([name, item]) => {
    if (Object.hasOwn(properties, name)) return isValid(properties[name] as Schema, item)
    return additionalProperties !== false && isValid(additionalProperties, item) && isValid(propertyNames, name)
  })
}
