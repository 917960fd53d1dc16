import { DFA, JS, NFA } from 'refa'

/** States that an automaton may have: enough for tails of 3,825 characters, too few to fill the memory. */
const mostStates = 200_000

const limit = () => new DFA.LimitedNodeFactory(mostStates)

/**
 * The automaton of an anchored rule. The rules keep to a part of POSIX that JavaScript reads alike, so that a reader of
 * JavaScript expressions can read them; anything that it reads differently is refused here.
 */
export function automatonOfRule(rule: string): NFA {
  const source = /^\^(.*)\$$/s.exec(rule)?.[1]
  if (source === undefined || /[\\^$*]|\(\?|\[\]|\(\||\|\)/.test(source))
    throw new Error(`not a rule of the dialect: ${rule}`)
  if (/\./.test(source.replace(/\[[^\]]*\]/g, ''))) throw new Error(`a dot outside brackets: ${rule}`)
  if (hasBareChoice(source)) throw new Error(`a bare choice takes its anchors apart: ${rule}`)
  const parser = JS.Parser.fromLiteral({ source: `(?:${source})`, flags: '' })
  const { expression, maxCharacter } = parser.parse({ maxNodes: 1_000_000 })
  return NFA.fromRegex(expression, { maxCharacter }, {}, new NFA.LimitedNodeFactory(mostStates))
}

/** Whether a choice stands outside all parentheses, where `^` and `$` belong to one option each. */
function hasBareChoice(source: string): boolean {
  let depth = 0
  for (const character of source.replace(/\[[^\]]*\]/g, '')) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === '|' && depth === 0) return true
  }
  return false
}

/** A shortest text that the first accepts and the second does not; undefined when there is none. */
export function onlyIn(first: NFA, second: NFA): string | undefined {
  const other = DFA.fromFA(second, limit())
  other.complement(limit())
  return shortest(NFA.fromIntersection(first, other, new NFA.LimitedNodeFactory(mostStates)))
}

/** A shortest text of a language, by breadth first; undefined when it is empty. */
function shortest({ initial, finals }: NFA): string | undefined {
  const found = new Map([[initial, '']])
  for (const [node, text] of found) {
    if (finals.has(node)) return text
    for (const [next, characters] of node.out) {
      if (!found.has(next)) found.set(next, text + String.fromCharCode(characters.ranges[0]?.min ?? 0))
    }
  }
  return undefined
}
