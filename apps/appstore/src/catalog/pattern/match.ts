import type { Node } from './node.ts'
import { PatternFault, parsePattern } from './parse.ts'

/** An expression of a stranger; testing a text takes time proportional to its length, whatever the expression is. */
export interface SafePattern {
  readonly source: string
  /** Whether the expression is found in the text, of at most {@link longestSubject} characters; false for longer ones. */
  readonly test: (text: string) => boolean
}

/** Longest text that is searched, in UTF-16 units. With {@link mostSteps} it bounds a test to a fraction of a second. */
export const longestSubject = 4096

/** Most instructions of one expression. */
const mostSteps = 1000

type Step =
  | { readonly kind: 'set'; readonly has: (code: number) => boolean }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'found' }

/** Compiles an expression. Throws {@link PatternFault} when it is none, is too large, or cannot be matched in linear time. */
export function safePattern(source: string): SafePattern {
  if (source.length > 500) throw new PatternFault('an expression has at most 500 characters')
  const steps: Step[] = []
  emit(parsePattern(source), steps)
  push(steps, { kind: 'found' })
  return { source, test: text => text.length <= longestSubject && search(steps, text) }
}

function push(steps: Step[], step: Step): void {
  if (steps.length >= mostSteps) throw new PatternFault('the expression is too large; use smaller counts')
  steps.push(step)
}

function emit(node: Node, steps: Step[]): void {
  switch (node.kind) {
    case 'set': {
      const { ranges, negated } = node
      push(steps, { kind: 'set', has: code => ranges.some(([low, high]) => code >= low && code <= high) !== negated })
      return
    }
    case 'all':
      for (const item of node.items) emit(item, steps)
      return
    case 'any':
      emitChoice(node.items, steps)
      return
    case 'repeat':
      emitRepeat(node.item, node.least, node.most, steps)
      return
    default:
      push(steps, { kind: 'assert', what: node.kind })
  }
}

function emitChoice(items: readonly Node[], steps: Step[]): void {
  const ends: { kind: 'split'; first: number; second: number }[] = []
  for (const [index, item] of items.entries()) {
    const split = { kind: 'split' as const, first: steps.length + 1, second: -1 }
    if (index < items.length - 1) push(steps, split)
    emit(item, steps)
    if (index === items.length - 1) continue
    const end = { kind: 'split' as const, first: -1, second: -1 }
    push(steps, end)
    ends.push(end)
    split.second = steps.length
  }
  for (const end of ends) end.first = end.second = steps.length
}

function emitRepeat(item: Node, least: number, most: number, steps: Step[]): void {
  for (let n = 0; n < least; n++) emit(item, steps)
  if (most === Number.POSITIVE_INFINITY) {
    const split = { kind: 'split' as const, first: steps.length + 1, second: -1 }
    const begin = steps.length
    push(steps, split)
    emit(item, steps)
    push(steps, { kind: 'split', first: begin, second: begin })
    split.second = steps.length
    return
  }
  const splits: { kind: 'split'; first: number; second: number }[] = []
  for (let n = least; n < most; n++) {
    const split = { kind: 'split' as const, first: steps.length + 1, second: -1 }
    push(steps, split)
    splits.push(split)
    emit(item, steps)
  }
  for (const split of splits) split.second = steps.length
}

const isWord = (code: number | undefined): boolean =>
  code !== undefined &&
  ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a))

/** Runs all ways through the expression at once, so that none is tried twice at the same character. */
function search(steps: readonly Step[], text: string): boolean {
  const codes = Array.from(text, character => character.codePointAt(0) ?? 0)
  /** Position at which a step was last reached. */
  const reached = new Int32Array(steps.length).fill(-1)
  let waiting: number[] = []
  for (let at = 0; at <= codes.length; at++) {
    const stack = [0, ...waiting.reverse()]
    const next: number[] = []
    while (stack.length > 0) {
      const index = stack.pop() ?? 0
      if (reached[index] === at) continue
      reached[index] = at
      const step = steps[index]
      if (step?.kind === 'found') return true
      if (step?.kind === 'split') stack.push(step.second, step.first)
      else if (step?.kind === 'assert') {
        if (holdsAt(step.what, codes, at)) stack.push(index + 1)
      } else if (step?.kind === 'set' && at < codes.length && step.has(codes[at] ?? 0)) next.push(index + 1)
    }
    waiting = next
  }
  return false
}

function holdsAt(what: 'start' | 'end' | 'boundary' | 'inside', codes: readonly number[], at: number): boolean {
  if (what === 'start') return at === 0
  if (what === 'end') return at === codes.length
  const boundary = isWord(codes[at - 1]) !== isWord(codes[at])
  return boundary === (what === 'boundary')
}
