import { z } from 'zod'
import { define } from '../request/definition.ts'
import { maybe, string } from '../request/lenient.ts'

const answer = z
  .object({ version: string, release: string, repoid: maybe(string) })
  .transform(value => ({ ...value, major: Number.parseInt(value.version, 10) }))

/** Version of pve-manager; `major` is 8 or 9. */
export type Version = z.infer<typeof answer>

export const version = {
  /** Version of the node that answers. Any valid token may ask. */
  get: define('GET', '/version', {}, answer),
}
