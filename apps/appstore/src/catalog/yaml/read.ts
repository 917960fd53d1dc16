import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Path } from './path.ts'
import { readPlain } from './plain.ts'

/** Where something stands in a file: line and column from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What a YAML file says, as plain values, and where each of them stands. */
export interface YamlFile {
  /** Maps without a prototype, arrays, texts, numbers, booleans; keys without a value are left out. */
  readonly data: unknown
  /** Where the value at a path stands, or what holds it when it is missing; of a map's entry with `key`, its key. */
  readonly at: (path: Path, key?: string) => Position
  /** What is wrong with the YAML itself; the data are empty then. */
  readonly faults: readonly (Position & { readonly message: string })[]
}

/**
 * Which entries are numbers, switches or any value. A plain scalar elsewhere is the text that was written, as the format
 * has always been read: `version: 1.10` is not 1.1.
 */
export type TypedKeys = ReadonlySet<string>

/** More help nobody: a file that is no manifest at all can have one for every character. */
const mostFaults = 20

/** Reads YAML 1.2 without anchors, aliases, tags and merge keys, which two readers may see differently. Never throws. */
export function readYaml(text: string, typed: TypedKeys): YamlFile {
  const plain = readPlain(text, typed)
  if (plain === undefined) return readWithPositions(text, typed)
  let full: YamlFile | undefined
  return {
    data: plain.data,
    at: (path, key) => {
      full ??= readWithPositions(text, typed)
      return full.at(path, key)
    },
    faults: [],
  }
}

/** As {@link readYaml}, by the full reader, which is slow: about a millisecond for a manifest. */
export function readWithPositions(text: string, typed: TypedKeys): YamlFile {
  const lines = new LineCounter()
  const options = { lineCounter: lines, prettyErrors: false, strict: true, merge: false, stringKeys: false } as const
  const document = parseDocument(text, options)
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const faults = [...document.errors, ...document.warnings].map(error => ({
    ...position(error.pos[0]),
    message: error.message.replace(/[^ -~]/g, '?').slice(0, 200),
  }))
  if (faults.length === 0) {
    for (const { offset, message } of trickery(document)) faults.push({ ...position(offset), message })
  }
  return {
    data: faults.length > 0 ? undefined : plainValue(document.contents, typed, ''),
    at: (path, key) => position(offsetOf(document, path, key)),
    faults: faults.slice(0, mostFaults),
  }
}

/** Where the value at a path stands, or the nearest one that holds it. */
function offsetOf(document: Document, path: Path, key: string | undefined): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (length === path.length && key !== undefined && isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && item.key.value === key)
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0]
    }
    const range = (node as { range?: readonly number[] } | undefined)?.range
    if (range) return range[0] ?? 0
  }
  return 0
}

/** What YAML has beyond plain values. */
function trickery(document: Document): { readonly offset: number; readonly message: string }[] {
  const found: { offset: number; message: string }[] = []
  if (document.directives?.yaml.version !== '1.2') found.push({ offset: 0, message: 'the file must be YAML 1.2' })
  const report = (node: unknown, message: string) => {
    found.push({ offset: (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0, message })
  }
  visit(document, {
    Alias: (_key, node) => report(node, 'aliases are not allowed'),
    Value: (_key, node) => {
      if (node.tag !== undefined) report(node, 'tags are not allowed')
      if (node.anchor !== undefined) report(node, 'anchors are not allowed')
    },
    Pair: (_key, { key }) => {
      if (!isScalar(key)) report(key, 'a key must be a text')
      else if (key.value === '__proto__') report(key, 'this key is not allowed')
    },
  })
  return found
}

/** Plain value of a node below the key `key`; lists pass their key on to their items. */
function plainValue(node: unknown, typed: TypedKeys, key: string): unknown {
  if (isMap(node)) {
    const map: Record<string, unknown> = Object.create(null)
    for (const { key: name, value } of node.items) {
      const text = scalarText(name)
      const inner = plainValue(value, typed, text)
      if (inner !== undefined) map[text] = inner
    }
    return map
  }
  if (isSeq(node)) return node.items.map(item => plainValue(item, typed, key) ?? null)
  if (!isScalar(node) || isAlias(node) || node.value === null) return undefined
  return typed.has(key) ? node.value : scalarText(node)
}

const scalarText = (node: unknown): string => {
  if (!isScalar(node)) return ''
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}
