import type { ArgumentType } from '../argument/type.ts'
import { choice, literal, oneOf, type Pattern, repeat, sequence } from '../pattern/dialect.ts'
import type { Command } from './command.ts'
import { type Element, markerVariable } from './template.ts'

/** One place of an argv with its pattern, after a policy narrowed the types: what every derivation walks over. */
export type Slot =
  | { readonly kind: 'text'; readonly text: string; readonly pattern: Pattern }
  | { readonly kind: 'marker'; readonly pattern: Pattern }
  | { readonly kind: 'argument'; readonly field: string; readonly type: ArgumentType<unknown> }
  | { readonly kind: 'option'; readonly flag: string; readonly field: string; readonly type: ArgumentType<unknown> }

/** The marker of one policy with any operation id. */
export const markerOf = (policy: string): Pattern => sequence(literal(`${policy}-`), repeat(oneOf('0-9', 'a-f'), 32))

/** The places of the whole argv without the executable itself; `narrow` gives the type that the policy leaves. */
export function slotsOf(
  command: Pick<Command, 'program' | 'argv'>,
  policy: string,
  narrow: (field: string, type: ArgumentType<unknown>) => ArgumentType<unknown>,
): readonly Slot[] {
  const slot = (element: Element): Slot => {
    if (typeof element === 'string') return { kind: 'text', text: element, pattern: literal(element) }
    if (element.kind === 'marker') {
      return { kind: 'marker', pattern: sequence(literal(`${markerVariable}=`), markerOf(policy)) }
    }
    const type = element.type as ArgumentType<unknown>
    return { ...element, type: narrow(element.field, type.forPolicy?.(policy) ?? type) }
  }
  return [...command.program.prefix, ...command.argv].map(slot)
}

/** The field whose value is content to be staged, undefined when there is none; a definition has one at most. */
export function contentField(places: readonly (Slot | Element)[]): string | undefined {
  for (const place of places) {
    if (typeof place === 'object' && place.kind === 'argument' && place.type.staged) return place.field
  }
  return undefined
}

/** The pattern of the arguments as sudo sees them: all of them joined with single blanks. */
export function patternOf(slots: readonly Slot[]): Pattern {
  const [first, ...rest] = slots
  if (!first) return sequence()
  const present = sequence(spelled(first), ...rest.map(after))
  if (first.kind !== 'option') return present
  // Without this option, the next element stands first and has no blank before it.
  return rest.length === 0 ? repeat(present, 0, 1) : choice(present, patternOf(rest))
}

function spelled(slot: Slot): Pattern {
  if (slot.kind === 'option') return sequence(literal(`${slot.flag} `), slot.type.pattern)
  return slot.kind === 'argument' ? slot.type.pattern : slot.pattern
}

function after(slot: Slot): Pattern {
  const whole = sequence(literal(' '), spelled(slot))
  return slot.kind === 'option' ? repeat(whole, 0, 1) : whole
}
