import { z } from 'zod'
import { stackLxc } from './app-schema.ts'
import { count, fields, flag, kebab, line, lineOrEmpty, list, prose } from './fields.ts'

const values = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be the key of an input'),
  z.union([z.string(), z.number(), z.boolean()], 'must be a text, a number, true or false'),
  'must be a map',
)

/** What `stack.yml` may say, as it is written. */
export const stackSchema = fields({
  id: kebab,
  name: line(100),
  version: line(64),
  description: prose(2000).optional(),
  categories: list(line(64), 20).optional(),
  tags: list(line(64), 50).optional(),
  icon: lineOrEmpty(500).optional(),
  lxc: stackLxc.optional(),
  apps: list(fields({ app_id: kebab, inputs: values.optional() }), 20).min(1, 'must not be empty'),
})

/** What `test.yml` may say, as it is written. */
export const testSchema = fields({
  skip: flag.optional(),
  skip_bind_mounts: flag.optional(),
  inputs: values.optional(),
  memory_mb: count(128, 16_777_216).optional(),
  disk_gb: count(1, 131_072).optional(),
  cores: count(1, 1024).optional(),
})
