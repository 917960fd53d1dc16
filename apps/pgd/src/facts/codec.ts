/**
 * Facts are kept as one text of `key=value` pairs with commas between: in one user property of a dataset or snapshot,
 * which ZFS sets at once with its creation, in one label of a container, and in one file of a directory. Values hold
 * letters, digits and `_ . : + / @ -` only, so the text needs no quotes, fits an argument of the broker, and is read by
 * people as it stands: `zfs get pgd:volume`.
 */
const pair = /^([a-z]+)=([A-Za-z0-9_.:+/@-]*)$/

/** What an argument of the broker holds (`userProperty`); ZFS takes 8,192 bytes (ZAP_MAXVALUELEN). */
export const longestFacts = 1020

/** Writes facts; those that are undefined are left out. Values outside the alphabet are an error of the program. */
export function renderFacts(facts: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
  const bad = pairs.find(text => !pair.test(text))
  if (bad !== undefined) throw new TypeError(`a fact cannot be written: ${bad.split('=')[0]}`)
  const text = pairs.join(',')
  if (text.length > longestFacts) throw new TypeError(`facts are longer than ${longestFacts} characters`)
  return text
}

/** Reads facts; undefined when the text is none of ours. */
export function parseFacts(text: string): ReadonlyMap<string, string> | undefined {
  if (text.length > longestFacts) return undefined
  const facts = new Map<string, string>()
  for (const part of text.split(',')) {
    const [, key, value] = pair.exec(part) ?? []
    if (key === undefined || value === undefined || facts.has(key)) return undefined
    facts.set(key, value)
  }
  return facts
}
