import type { AppEntry } from './entry.ts'

/** Words of one app as they are searched, with what each field counts. */
interface Words {
  readonly entry: AppEntry
  readonly fields: readonly (readonly [weight: number, text: string])[]
}

/** Finds apps by words. */
export interface Search {
  /** Apps that have all words somewhere, those that fit best first; all of them for an empty text. */
  readonly find: (text: string) => readonly AppEntry[]
}

/** Words that a search looks at; further ones are left out. */
const mostWords = 8

/** Prepares apps, which are sorted by name, to be searched. */
export function searchOver(entries: readonly AppEntry[]): Search {
  const all = entries.map(wordsOf)
  return {
    find: text => {
      const words = plain(text).split(' ').filter(Boolean).slice(0, mostWords)
      if (words.length === 0) return entries
      return all
        .map(({ entry, fields }) => ({ entry, score: scoreOf(fields, words) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score)
        .map(({ entry }) => entry)
    },
  }
}

function wordsOf(entry: AppEntry): Words {
  const { name, description, tags, categories } = entry.manifest
  const text = (...texts: readonly string[]): string => ` ${plain(texts.join(' '))} `
  return {
    entry,
    fields: [
      [16, text(name)],
      [12, text(entry.id)],
      [6, text(...tags)],
      [4, text(...categories)],
      [1, text(description)],
    ],
  }
}

/** Small letters and digits without accents, single blanks between words. */
const plain = (text: string): string =>
  text
    .slice(0, 1000)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Sum over the words of the best that each finds: a whole field, a whole word, the beginning of one, or a part. 0 when one finds none. */
function scoreOf(fields: Words['fields'], words: readonly string[]): number {
  let sum = 0
  for (const word of words) {
    let best = 0
    for (const [weight, text] of fields) {
      if (weight * 5 <= best || !text.includes(word)) continue
      const fit = text === ` ${word} ` ? 5 : text.includes(` ${word} `) ? 4 : text.includes(` ${word}`) ? 2 : 1
      best = Math.max(best, weight * fit)
    }
    if (best === 0) return 0
    sum += best
  }
  return sum
}
