import type { Input, InputValue } from '../manifest/manifest.ts'
import { longestSubject, safePattern } from '../pattern/match.ts'
import { formats } from './formats.ts'
import { Secret } from './secret.ts'

/** Longest text of an input, in characters. */
const longestText = 65_536

/** Controls but for tab and line feed. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Cs}]/u

/** What a value is read as, or why it is refused. Messages never hold the value: it may be a secret. */
export type Checked = { readonly value: InputValue | Secret } | { readonly fault: string }

/** Reads one value that was given for an input, which is not empty. */
export function checkValue(input: Input, given: unknown): Checked {
  const plain = typed(input, given instanceof Secret ? given.reveal() : given)
  if (plain === undefined) return { fault: `must be ${words[input.type]}` }
  const fault = typeof plain === 'string' ? textFault(input, plain) : rangeFault(input, plain)
  if (fault !== undefined) return { fault }
  if (input.options && !input.options.some(option => String(option) === String(plain))) {
    return { fault: 'must be one of the values that are offered' }
  }
  return { value: input.type === 'secret' ? new Secret(String(plain)) : plain }
}

const words = {
  string: 'a text',
  secret: 'a text',
  select: 'one of the values that are offered',
  number: 'a number',
  boolean: 'true or false',
} as const

/** The value in the type of its input; forms and files may give texts for all of them. */
function typed({ type }: Input, given: unknown): InputValue | undefined {
  if (type === 'number') {
    const number = typeof given === 'string' && /^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(given) ? Number(given) : given
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }
  if (type === 'boolean') {
    if (typeof given === 'boolean') return given
    return given === 'true' ? true : given === 'false' ? false : undefined
  }
  if (type === 'select') return ['string', 'number', 'boolean'].includes(typeof given) ? String(given) : undefined
  return typeof given === 'string' ? given : undefined
}

function rangeFault({ min, max }: Input, value: number | boolean): string | undefined {
  if (typeof value === 'boolean') return undefined
  if (min !== undefined && value < min) return `must be at least ${min}`
  if (max !== undefined && value > max) return `must be at most ${max}`
  return undefined
}

function textFault(input: Input, text: string): string | undefined {
  const { minLength = 0, maxLength = longestText, format, regex } = input
  const length = [...text].length
  if (length < minLength) return `must have at least ${minLength} characters`
  if (length > Math.min(maxLength, longestText))
    return `must have at most ${Math.min(maxLength, longestText)} characters`
  if (unprintable.test(text)) return 'must not have control characters'
  if (format !== undefined && !formats[format].fits(text)) return `must be ${formats[format].words}`
  if (regex === undefined) return undefined
  if (text.length > longestSubject) return `must have at most ${longestSubject} characters`
  return safePattern(regex).test(text) ? undefined : 'does not fit the pattern of the app'
}
