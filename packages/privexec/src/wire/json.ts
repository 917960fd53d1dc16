/** Why a text is not JSON as the protocol has it. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/** Objects and arrays within one another, at most. */
export const deepest = 8

/**
 * Reads JSON that means the same to every reader: UTF-8 without a byte order mark, no key twice in one object, keys that
 * are plain names (so neither `__proto__` nor an escape), texts of whole characters, numbers that are not beyond those of
 * IEEE 754, at most eight levels. Takes time in proportion to the text. Throws `JsonError`, which quotes no value.
 */
export function readJson(bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = strictUtf8.decode(bytes)
  } catch {
    throw new JsonError('not UTF-8')
  }
  try {
    value = JSON.parse(text)
  } catch {
    throw new JsonError('not JSON')
  }
  checkTokens(text)
  return value
}

/** What `JSON.parse` says nothing about. One pass: that every text ends is known by now. */
function checkTokens(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') addKey(open.at(-1), last)
    else checkValue(token)
    if (open.length > deepest) throw new JsonError(`more than ${deepest} levels`)
    last = token
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Texts, numbers, and what makes the structure. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*|[[\]{}:]/gs
const plainName = /^"[A-Za-z][A-Za-z0-9_]*"$/

/** A key is the text before a colon. */
function addKey(keys: Set<string> | undefined, key: string): void {
  if (!plainName.test(key)) throw new JsonError('a key that is no plain name')
  if (keys?.has(key)) throw new JsonError('a key twice in one object')
  keys?.add(key)
}

/** Half a surrogate pair can only come from an escape, and is another character in every other language. */
function checkValue(token: string): void {
  if (token.startsWith('"')) {
    if (token.includes('\\u') && !(JSON.parse(token) as string).isWellFormed()) throw new JsonError('half a character')
  } else if (!Number.isFinite(Number(token))) throw new JsonError('a number that is too large')
}
