import { parseExpression } from './parse.ts'
import { identify, joinSegments, type Segment } from './segments.ts'
import { insideTexts, lowest, outsideTexts } from './texts.ts'

/** What sudo compares with: an executable, and an expression for its joined arguments. */
export interface Rule {
  /** Id of the command, or the executable where it is none of the catalogue. */
  readonly command: string
  readonly executable: string
  /** Expression without anchors. */
  readonly source: string
  readonly segments: readonly Segment[]
  readonly matches: (joined: string) => boolean
}

/** Arguments to try a rule with. */
export interface Sample {
  readonly executable: string
  /** Text of each segment of the rule that it was made from. */
  readonly texts: readonly string[]
  /** The arguments joined with blanks, as sudo sees them. */
  readonly joined: string
}

/** Makes a rule of an expression; undefined for one outside our dialect, which JavaScript may read differently. */
export function ruleOf(executable: string, source: string): Rule | undefined {
  if (parseExpression(source) === undefined) return undefined
  const expression = new RegExp(`^(?:${source})$`)
  return { ...identify(executable, source), executable, source, matches: joined => expression.test(joined) }
}

/** Samples that a rule allows, the plainest first, then one place at a time at its corners. */
export const insideSamples = (rule: Rule): Sample[] =>
  samples(rule, insideTexts).filter(({ joined }) => rule.matches(joined))

/** Samples that a rule refuses by a hair: one place at a time is just outside. */
export const outsideSamples = (rule: Rule): Sample[] =>
  samples(rule, outsideTexts).filter(({ joined }) => !rule.matches(joined))

function samples(rule: Rule, textsOf: typeof insideTexts): Sample[] {
  const trees = rule.segments.map(({ source }) => parseExpression(source))
  const plain = trees.map(tree => (tree === undefined ? '' : lowest(tree)))
  const all = new Map<string, Sample>()
  for (const [at, tree] of trees.entries()) {
    // Constant words have no corners; what differs there is another command.
    if (tree === undefined || rule.segments[at]?.field === undefined) continue
    for (const text of textsOf(tree)) {
      const texts = plain.with(at, text)
      const joined = joinSegments(texts)
      all.set(joined, { executable: rule.executable, texts, joined })
    }
  }
  return [...all.values()]
}

/** The argv of a sample, for asking sudo. */
export const argvOf = ({ executable, joined }: Sample): string[] => [executable, ...joined.split(' ')]
