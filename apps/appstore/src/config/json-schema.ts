import { z } from 'zod'
import { configSchema } from './schema.ts'

/** JSON Schema of the configuration, for editors. What depends on more than one field only the daemon itself checks. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' })
  return { $schema, title: 'Configuration of the app store: /etc/appstore/config.yml', ...rest }
}
