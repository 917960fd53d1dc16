import type { Readable } from 'node:stream'
import { literal, oneOf, repeat, sequence } from '../pattern/dialect.ts'
import type { ArgumentType } from './type.ts'

/** Bytes, or a stream of bytes. Never a path: root must not open a path that the caller could swap. */
export type Content = Uint8Array | AsyncIterable<Uint8Array> | Readable

/** The part of the path below which only the library chooses names; a policy's name completes it. */
export const stagingRoot = '/var/lib/privexec/staging'

/** The directory, root's and sticky, in which the content for one policy is staged. */
export const stagingDirectory = (policy: string): string => `${stagingRoot}/${policy}/drop`

/**
 * Content that root reads from the staging directory, under a flat name of 32 random hexadecimal digits. The argv holds
 * the path, the caller gives bytes. `policy` is the name of the policy whose directory is meant.
 */
export function stagedContent(policy = 'name'): ArgumentType<Content> {
  return {
    name: 'content',
    allowed: 'bytes (a Uint8Array or Buffer) or a stream of them; not a path, not a string',
    shape: 'word',
    staged: true,
    pattern: sequence(literal(`${stagingDirectory(policy)}/`), repeat(oneOf('0-9', 'a-f'), 32)),
    forPolicy: stagedContent,
    schema: z => z.custom<Content>(isContent),
    spell: (_content, context) => [context.stagedFile],
    read: () => new Uint8Array(),
  }
}

function isContent(value: unknown): boolean {
  if (value instanceof Uint8Array) return true
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
