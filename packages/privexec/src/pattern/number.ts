import { PrivexecError } from '../errors/error.ts'
import { choice, literal, oneOf, type Pattern, repeat, sequence } from './dialect.ts'

/** The decimal spellings, without leading zeros, of all whole numbers from `from` to `to` (both included, from 0). */
export function numberBetween(from: number, to: number): Pattern {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) {
    throw new PrivexecError('PRIVEXEC_DEFINITION_INVALID', `${from} to ${to} is not a range of whole numbers from 0`)
  }
  const options: Pattern[] = []
  for (let width = String(from).length; width <= String(to).length; width++) {
    const low = Math.max(from, width === 1 ? 0 : 10 ** (width - 1))
    const high = Math.min(to, 10 ** width - 1)
    options.push(sameWidth(String(low), String(high)))
  }
  return choice(...options)
}

function sameWidth(low: string, high: string): Pattern {
  const width = low.length
  const [first = '', last = ''] = [low[0], high[0]]
  const [lowRest, highRest] = [low.slice(1), high.slice(1)]
  const startsWhole = /^0*$/.test(lowRest)
  const endsWhole = /^9*$/.test(highRest)
  if (first === last && !(startsWhole && endsWhole)) return sequence(literal(first), sameWidth(lowRest, highRest))

  const options: Pattern[] = []
  const wholeFrom = startsWhole ? Number(first) : Number(first) + 1
  const wholeTo = endsWhole ? Number(last) : Number(last) - 1
  if (!startsWhole) options.push(sequence(literal(first), sameWidth(lowRest, '9'.repeat(width - 1))))
  if (wholeFrom <= wholeTo) {
    const digit = wholeFrom === wholeTo ? literal(String(wholeFrom)) : oneOf(`${wholeFrom}-${wholeTo}`)
    options.push(width === 1 ? digit : sequence(digit, repeat(oneOf('0-9'), width - 1)))
  }
  if (!endsWhole) options.push(sequence(literal(last), sameWidth('0'.repeat(width - 1), highRest)))
  return choice(...options)
}
