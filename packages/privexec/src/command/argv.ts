import type { SpellContext } from '../argument/type.ts'
import { type Pattern, toRegExp } from '../pattern/dialect.ts'
import type { Slot } from './slots.ts'
import { markerVariable } from './template.ts'

/** Validated values by field; made by the schema of the same slots only. */
export type Values = Readonly<Record<string, unknown>>

/** The elements after the executable, in canonical spelling. */
export function spellArgv(slots: readonly Slot[], values: Values, context: SpellContext): readonly string[] {
  const argv: string[] = []
  for (const slot of slots) {
    if (slot.kind === 'text') argv.push(slot.text)
    else if (slot.kind === 'marker') argv.push(`${markerVariable}=${context.marker}`)
    else {
      const value = values[slot.field]
      if (slot.kind === 'option' && value === undefined) continue
      if (slot.kind === 'option') argv.push(slot.flag)
      argv.push(...slot.type.spell(value, context))
    }
  }
  return argv
}

/**
 * The values of an argv that `spellArgv` could have made of these slots, or undefined. Compares element by element, so
 * it sees the boundaries that sudo does not.
 */
export function readArgv(slots: readonly Slot[], argv: readonly string[]): Values | undefined {
  const values: Record<string, unknown> = {}
  let at = 0
  const take = (slot: Slot): boolean => {
    if (slot.kind === 'text') return argv[at++] === slot.text
    if (slot.kind === 'marker') return matches(slot.pattern, argv[at++])
    if (slot.kind === 'option') {
      if (argv[at] !== slot.flag) return true
      at++
    }
    const elements = slot.type.shape === 'tail' ? argv.slice(at) : argv.slice(at, at + 1)
    if (elements.length === 0 || !matches(slot.type.pattern, elements.join(' '))) return false
    if (slot.type.shape === 'tail' && elements[0]?.includes(' ')) return false
    at += elements.length
    values[slot.field] = slot.type.read(elements)
    return true
  }
  return slots.every(take) && at === argv.length ? values : undefined
}

const compiled = new WeakMap<object, RegExp>()

function matches(pattern: Pattern, text: string | undefined): boolean {
  let expression = compiled.get(pattern)
  if (!expression) {
    expression = toRegExp(pattern)
    compiled.set(pattern, expression)
  }
  return text !== undefined && expression.test(text)
}
