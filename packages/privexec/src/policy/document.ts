import type { Document } from 'yaml'
import { escapeValue } from '../errors/escape.ts'

/** Way from the top of a policy to a value in it. */
export type Path = readonly (string | number)[]

/** Where the value at a path stands, or what holds it when it is missing. */
export function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: readonly number[] } | undefined)?.range
    if (range) return range[0] ?? 0
  }
  return 0
}

/** A path as `grants[0].where.vmid`; a key that is no plain word is shown escaped. */
export const pathText = (path: Path): string =>
  path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      return `${index > 0 ? '.' : ''}${/^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(part) ? part : escapeValue(part)}`
    })
    .join('') || 'the policy'

/** A message of the YAML reader, which quotes the file as it is, without its control characters. */
export const plainText = (message: string): string => message.replace(/[^ -~]/g, '?')

/**
 * What YAML has beyond plain values: aliases, tags, keys that are no text, and version 1.1, where `<<` merges and `0644`
 * is a number. One reader sees another policy there than the next, so a policy has none of it.
 */
export function* trickery(
  yaml: typeof import('yaml'),
  document: Document,
): Generator<{ readonly offset: number; readonly message: string }> {
  if (document.directives?.yaml.version !== '1.2') yield { offset: 0, message: 'a policy is YAML 1.2' }
  const found: { offset: number; message: string }[] = []
  const report = (node: unknown, message: string) => {
    found.push({ offset: (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0, message })
  }
  yaml.visit(document, {
    Alias: (_key, node) => report(node, 'a policy has no aliases'),
    Value: (_key, node) => (node.tag === undefined ? undefined : report(node, 'a policy has no tags')),
    Pair: (_key, { key }) => {
      const text = yaml.isScalar(key) && typeof key.value === 'string'
      if (!text) report(key, 'a key is a text')
    },
  })
  yield* found
}
