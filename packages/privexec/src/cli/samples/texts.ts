import type { Tree } from './parse.ts'

/** Most samples of one part of an expression; a bound on the work, not on what is right. */
const most = 160

/** The first text of an expression: first option, fewest repetitions, first character. */
export function lowest(tree: Tree): string {
  switch (tree.kind) {
    case 'set':
      return tree.ranges[0]?.[0] ?? ''
    case 'sequence':
      return tree.parts.map(lowest).join('')
    case 'choice':
      return lowest(tree.options[0] as Tree)
    case 'repeat':
      return lowest(tree.of).repeat(tree.min)
  }
}

/** The last text: last option, most repetitions, last character. */
export function highest(tree: Tree): string {
  switch (tree.kind) {
    case 'set':
      return tree.ranges.at(-1)?.[1] ?? ''
    case 'sequence':
      return tree.parts.map(highest).join('')
    case 'choice':
      return highest(tree.options.at(-1) as Tree)
    case 'repeat':
      return highest(tree.of).repeat(tree.max)
  }
}

/** Texts that an expression matches, its corners first: ends of ranges, every option, fewest and most repetitions. */
export const insideTexts = (tree: Tree): string[] => few([lowest(tree), highest(tree), ...varied(tree, insideLeaf)])

/**
 * Texts just outside: the neighbours of ranges and of numbers, one repetition too few or too many. Some may still match,
 * by another option.
 */
export const outsideTexts = (tree: Tree): string[] =>
  few([...neighbours(lowest(tree)), ...insideTexts(tree).flatMap(neighbours), ...varied(tree, outsideLeaf)])

/** Texts in which one part at a time is what `leaf` says, and all others are the lowest. */
function varied(tree: Tree, leaf: (tree: Tree) => string[]): string[] {
  const own = leaf(tree)
  switch (tree.kind) {
    case 'set':
      return own
    case 'choice':
      return few([...own, ...tree.options.flatMap(option => varied(option, leaf))])
    case 'repeat':
      return few([
        ...own,
        ...varied(tree.of, leaf).map(text => text + lowest(tree.of).repeat(Math.max(0, tree.min - 1))),
      ])
    case 'sequence': {
      const low = tree.parts.map(lowest)
      const around = (at: number, text: string) => [...low.slice(0, at), text, ...low.slice(at + 1)].join('')
      return few([...own, ...tree.parts.flatMap((part, at) => varied(part, leaf).map(text => around(at, text)))])
    }
  }
}

function insideLeaf(tree: Tree): string[] {
  if (tree.kind === 'set') return tree.ranges.flat()
  if (tree.kind === 'choice') return tree.options.flatMap(option => [lowest(option), highest(option)])
  if (tree.kind === 'repeat') return [tree.min, tree.max].map(count => lowest(tree.of).repeat(count))
  return []
}

function outsideLeaf(tree: Tree): string[] {
  if (tree.kind === 'set')
    return tree.ranges.flatMap(([low, high]) => [shifted(low, -1), shifted(high, 1)]).filter(isPrintable)
  if (tree.kind === 'repeat') {
    return [tree.min - 1, tree.max + 1].filter(count => count >= 0).map(count => lowest(tree.of).repeat(count))
  }
  return []
}

const shifted = (char: string, by: number): string => String.fromCharCode(char.charCodeAt(0) + by)
const isPrintable = (text: string): boolean => /^[!-~]$/.test(text)

/** The numbers beside a number. */
const neighbours = (text: string): string[] =>
  /^[1-9][0-9]{0,14}$/.test(text) ? [String(Number(text) - 1), String(Number(text) + 1)] : []

const few = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, most)
