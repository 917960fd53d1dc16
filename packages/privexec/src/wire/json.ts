/** Why a text is not JSON as the protocol has it. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/** Objects and arrays within one another, at most. */
export const deepest = 8

/**
 * Reads JSON that means the same to every reader: UTF-8, no key twice in one object, keys that are plain names (so
 * neither `__proto__` nor an escape), at most eight levels. Throws `JsonError`.
 */
export function readJson(bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new JsonError('not UTF-8')
  }
  try {
    value = JSON.parse(text)
  } catch {
    throw new JsonError('not JSON')
  }
  checkStructure(text)
  return value
}

/** What `JSON.parse` says nothing about. Texts that end are known to be there, so this takes one pass. */
function checkStructure(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') addKey(open.at(-1), last)
    if (open.length > deepest) throw new JsonError(`more than ${deepest} levels`)
    last = token
  }
}

/** Texts, and what makes the structure. */
const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}:]/gs
const plainName = /^"[A-Za-z][A-Za-z0-9_]*"$/

/** A key is the text before a colon. */
function addKey(keys: Set<string> | undefined, key: string): void {
  if (!plainName.test(key)) throw new JsonError('a key that is no plain name')
  if (keys?.has(key)) throw new JsonError(`the key ${key} twice`)
  keys?.add(key)
}
