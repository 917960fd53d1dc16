import { CharSet, NFA } from 'refa'
import { pick, type Random } from './random.ts'

/**
 * A set of texts, said a second time and without the library's patterns: what the documentation of a type promises. It can
 * draw a member, with a liking for the shortest, the longest and the ends of ranges, and become an automaton.
 */
export interface Language {
  draw(random: Random): string
  automaton(): NFA
}

const options = { maxCharacter: 0xffff }
const codes = (text: string): number[] => [...text].map(character => character.charCodeAt(0))

/** Exactly these texts. */
export const texts = (...members: readonly string[]): Language => ({
  draw: random => pick(random, members),
  automaton: () => NFA.fromWords(members.map(codes), options),
})

/** The decimals of all whole numbers from `from` to `to`, every single one of them listed. */
export const decimals = (from: number, to: number): Language => {
  const all = texts(...Array.from({ length: to - from + 1 }, (_, index) => String(from + index)))
  return { ...all, draw: random => [String(from), String(to), all.draw(random), all.draw(random)][random(4)] as string }
}

/** From `min` to `max` of the given characters. */
export function characters(set: string, min = 1, max = min): Language {
  const lengthOf = (random: Random): number => {
    const choice = random(max > 1000 ? 64 : 16)
    if (choice === 0) return min
    if (choice === 1) return max
    return min + random(Math.min(max - min, choice < 4 ? 300 : 12) + 1)
  }
  return {
    draw: random => Array.from({ length: lengthOf(random) }, () => set[random(set.length)]).join(''),
    automaton: () =>
      repeated(
        NFA.fromCharSet(
          CharSet.fromCharacters(
            options.maxCharacter,
            codes(set).sort((a, b) => a - b),
          ),
        ),
        min,
        max,
      ),
  }
}

/** One after another. */
export const joined = (...parts: readonly Language[]): Language => ({
  draw: random => parts.map(part => part.draw(random)).join(''),
  automaton: () => {
    const whole = NFA.emptyWord(options)
    for (const part of parts) whole.append(part.automaton())
    return whole
  },
})

/** Any of them. */
export const either = (...members: readonly Language[]): Language => ({
  draw: random => pick(random, members).draw(random),
  automaton: () => {
    const whole = NFA.empty(options)
    for (const member of members) whole.union(member.automaton())
    return whole
  },
})

/** From `min` to `max` members of a language, one after another. */
export const times = (of: Language, min: number, max: number): Language => ({
  draw: random => {
    const count = [min, max, min + random(Math.min(max - min, 3) + 1)][Math.min(random(max > 10 ? 40 : 8), 2)] as number
    return Array.from({ length: count }, () => of.draw(random)).join('')
  },
  automaton: () => repeated(of.automaton(), min, max),
})

function repeated(of: NFA, min: number, max: number): NFA {
  of.quantify(min, max)
  return of
}

/** The characters of an inclusive range. */
export const range = (from: string, to: string): string => {
  const first = from.charCodeAt(0)
  return Array.from({ length: to.charCodeAt(0) - first + 1 }, (_, index) => String.fromCharCode(first + index)).join('')
}
