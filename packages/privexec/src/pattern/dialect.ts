import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'

/**
 * A set of texts, written in the part of POSIX extended regular expressions that means the same to JavaScript, to the C
 * library, and to sudo's own reader of sudoers: literals, explicit ASCII ranges, bounded repetition, parenthesised choice.
 * Only the functions of this folder make one, so a construct outside that part cannot be written.
 */
export interface Pattern {
  /** The expression without anchors. */
  readonly source: string
  /** Whether a text of the set may hold a blank. */
  readonly blank: boolean
  readonly [made]: true
}

declare const made: unique symbol

/** sudo accepts a longer expression without a word and then never matches it (sudoers(5), sudo 1.9.10 and later). */
export const longestRule = 1024

/** RE_DUP_MAX of POSIX: sudo never matches an expression with a larger count. */
const mostRepeats = 255

const pattern = (source: string, blank: boolean): Pattern => ({ source, blank }) as Pattern

const invalid = (what: string): PrivexecError => new PrivexecError('PRIVEXEC_DEFINITION_INVALID', what)

/**
 * Exactly this text. The number sign, quotes, dollar, backslash and brackets are refused: sudoers or the expression gives
 * them a second meaning, and no privileged command needs them.
 */
export function literal(text: string): Pattern {
  if (!/^[A-Za-z0-9 _./:@+=,%~-]+$/.test(text)) {
    throw invalid(
      `The literal ${escapeValue(text)} holds a character that sudoers or the expression would read as syntax`,
    )
  }
  return pattern(text.replace(/[.+]/g, '[$&]'), text.includes(' '))
}

/**
 * One character of the given ranges: a single character, two digits or two letters of one case with a hyphen between, or
 * all of printable ASCII, `' -~'`.
 */
export function oneOf(...ranges: readonly string[]): Pattern {
  const hyphen = ranges.includes('-')
  const spans = ranges.filter(range => range !== '-')
  // An empty class matches nothing in JavaScript, while POSIX reads on to the next bracket.
  if (ranges.length === 0) throw invalid('A class needs a range')
  for (const range of spans) {
    const [low = '', high = ''] = [range[0], range.at(-1)]
    const single = range.length === 1 && /^[A-Za-z0-9 _./:@+=,%~]$/.test(range)
    const span = /^(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z]| -~)$/.test(range) && low < high
    if (!single && !span) throw invalid(`${escapeValue(range)} is not a range`)
  }
  const blank = spans.some(range => range[0] === ' ')
  return pattern(`[${spans.join('')}${hyphen ? '-' : ''}]`, blank)
}

/** The pattern from `min` to `max` times, at most 255. */
export function repeat(of: Pattern, min: number, max = min): Pattern {
  const whole = Number.isInteger(min) && Number.isInteger(max)
  if (!whole || min < 0 || max < min || max > mostRepeats || max === 0) throw invalid(`Bad repetition ${min} to ${max}`)
  if (of.source === '') throw invalid('Nothing cannot be repeated')
  const atom = /^(\[[^\]]*\]|\([^()]*\))$/.test(of.source) ? of.source : `(${of.source})`
  if (min === max) return pattern(min === 1 ? of.source : `${atom}{${min}}`, of.blank)
  return pattern(min === 0 && max === 1 ? `${atom}?` : `${atom}{${min},${max}}`, of.blank)
}

/** One pattern after another. */
export function sequence(...parts: readonly Pattern[]): Pattern {
  return pattern(
    parts.map(part => part.source).join(''),
    parts.some(part => part.blank),
  )
}

/** Any of the patterns; always in parentheses, since a bare choice takes the anchors apart. */
export function choice(...options: readonly Pattern[]): Pattern {
  const sources = [...new Set(options.map(option => option.source))]
  // POSIX leaves it open what an empty option means.
  if (sources.length === 0 || sources.includes('')) throw invalid('A choice needs options that are not empty')
  const source = sources.length === 1 ? (sources[0] ?? '') : `(${sources.join('|')})`
  return pattern(
    source,
    options.some(option => option.blank),
  )
}

/**
 * From none to `max` characters of a set. Above the 255 of one repetition, `max` is a multiple of 255, so that each length
 * has exactly one derivation and matching stays linear.
 */
export function upTo(max: number, set: Pattern): Pattern {
  if (max <= mostRepeats) return repeat(set, 0, max)
  if (max % mostRepeats !== 0) throw invalid(`A length above ${mostRepeats} is a multiple of it, not ${max}`)
  return sequence(repeat(repeat(set, mostRepeats), 0, max / mostRepeats - 1), repeat(set, 0, mostRepeats))
}

/** The JavaScript expression that matches the whole text. */
export const toRegExp = (of: Pattern): RegExp => new RegExp(`^${of.source}$`)

/** The expression as it stands in sudoers, anchored on both sides. */
export const toSudoers = (of: Pattern): string => `^${of.source}$`
