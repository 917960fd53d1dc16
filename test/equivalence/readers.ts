import type { Asked } from './requests.ts'

/**
 * What readers that take any JSON see in a payload: of two equal keys the last one counts for some, the first for others.
 * None, when it is no JSON.
 */
export function readings(payload: Buffer): Asked[] {
  const text = payload.toString()
  try {
    return [JSON.parse(text), readFirst(text)].map(value => {
      const { command, input } = value as { command?: unknown; input?: unknown }
      return { command: String(command), input }
    })
  } catch {
    return []
  }
}

/** What is read; colons and commas say nothing more in JSON that is known to be right. */
const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s[\]{}:,"]+/gs

/** Reads what `JSON.parse` has taken; the first of equal keys counts. */
function readFirst(text: string): unknown {
  const rest = text.matchAll(tokens)
  const next = (): string => String(rest.next().value)
  const members = <T>(read: (token: string) => T): T[] => {
    const found: T[] = []
    for (let token = next(); token !== ']' && token !== '}'; token = next()) found.push(read(token))
    return found
  }
  const value = (token: string): unknown => {
    if (token === '[') return members(value)
    if (token !== '{') return JSON.parse(token)
    return Object.fromEntries(members(key => [JSON.parse(key), value(next())] as const).reverse())
  }
  return value(next())
}
