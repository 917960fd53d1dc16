import { z } from 'zod'
import { appSchema } from './app-schema.ts'
import { stackSchema, testSchema } from './stack-schema.ts'

const titles = {
  app: 'Manifest of an app: apps/ID/app.yml',
  stack: 'Stack of apps for one guest: stacks/ID/stack.yml',
  test: 'How an app is tried: apps/ID/test.yml',
} as const

/**
 * JSON Schema of a file of the catalog, for editors. What depends on more than one field, or on other files, only the
 * reader itself checks.
 */
export function catalogJsonSchema(file: keyof typeof titles): Record<string, unknown> {
  const schema = { app: appSchema, stack: stackSchema, test: testSchema }[file]
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  return { $schema, title: titles[file], ...rest }
}
