import { catalogue } from '../../catalogue/index.ts'
import type { Command } from '../../command/command.ts'
import { type Slot, slotsOf } from '../../command/slots.ts'

/** A part of a rule between two blanks: the place of one word, or of one option with its value. */
export interface Segment {
  /** Field of the command's input that stands here; undefined for constant words. */
  readonly field: string | undefined
  /** Expression of this place; of an option it begins with a blank, within parentheses. */
  readonly source: string
}

/** Cuts an expression where a blank separates words. Blanks within brackets are characters of a value. */
export function cutSegments(source: string): string[] {
  const segments: string[] = []
  let depth = 0
  let inSet = false
  let start = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    if (inSet) inSet = char !== ']'
    else if (char === '[') inSet = true
    else if (depth === 0 && char === ' ') {
      segments.push(source.slice(start, at))
      start = at + 1
    } else if (char === '(') {
      if (depth === 0 && source[at + 1] === ' ') {
        segments.push(source.slice(start, at))
        start = at
      }
      depth += 1
    } else if (char === ')') depth -= 1
  }
  segments.push(source.slice(start))
  return segments
}

/** Joins texts of segments to the arguments as sudo sees them; that of an option brings its own blank. */
export const joinSegments = (texts: readonly string[]): string =>
  texts.map((text, at) => (at === 0 || text === '' || text.startsWith(' ') ? text : ` ${text}`)).join('')

/** Finds out which command of the catalogue a rule is of, by its constant words, and names the fields. */
export function identify(executable: string, source: string): { command: string; segments: readonly Segment[] } {
  const sources = cutSegments(source)
  for (const command of catalogue as unknown as readonly Command[]) {
    if (command.program.executable !== executable) continue
    const places = slotsOf(command, 'name', (_field, type) => type).flatMap(placesOf)
    const isIt =
      places.length === sources.length && places.every(({ text }, at) => text === undefined || text === sources[at])
    if (isIt)
      return { command: command.id, segments: sources.map((each, at) => ({ field: places[at]?.field, source: each })) }
  }
  return { command: executable, segments: sources.map(each => ({ field: undefined, source: each })) }
}

interface Place {
  readonly field?: string
  /** The constant source here. */
  readonly text?: string
}

function placesOf(slot: Slot): Place[] {
  if (slot.kind === 'text') return [{ text: slot.pattern.source }]
  if (slot.kind === 'marker') return [{}]
  if (slot.kind === 'option') return [{ field: slot.field }]
  return cutSegments(slot.type.pattern.source).map(() => ({ field: slot.field }))
}
