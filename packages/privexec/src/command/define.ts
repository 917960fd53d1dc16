import type { ArgumentType } from '../argument/type.ts'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import type { Guard } from '../guard/guard.ts'
import { longestRule, toRegExp, toSudoers } from '../pattern/dialect.ts'
import type { Command, FailureSign, Program } from './command.ts'
import { patternOf, type Slot, slotsOf } from './slots.ts'
import type { Element, InputOf } from './template.ts'

interface Definition<Elements extends readonly unknown[]> {
  /** Two names with a dot between: what the program is, and what it does. */
  readonly id: string
  readonly summary: string
  readonly program: Program
  readonly argv: Elements
  readonly failures?: Readonly<Record<string, FailureSign>>
  readonly stderrIsFailure?: boolean
  /** In the order in which they are checked; the first that does not hold ends it. */
  readonly guards?: readonly Guard[]
  /** Whether a caller may give standard input; otherwise it is empty. */
  readonly stdin?: boolean
  /** Whether a caller may ask for a terminal, where the transport has one; goes with `stdin`. */
  readonly terminal?: boolean
}

/**
 * Builds a command from its definition, and refuses one that is ambiguous or that sudo could not enforce.
 * Throws `PRIVEXEC_DEFINITION_INVALID`, and says which element is wrong.
 */
export function defineCommand<const Elements extends readonly unknown[]>(
  definition: Definition<Elements>,
): Command<InputOf<Elements>> {
  const argv = definition.argv as unknown as readonly Element[]
  const {
    id,
    summary,
    program,
    failures = {},
    stderrIsFailure = false,
    guards = [],
    stdin = false,
    terminal = false,
  } = definition
  const wrong = (what: string) => new PrivexecError('PRIVEXEC_DEFINITION_INVALID', `${id}: ${what}`, { command: id })
  if (!/^[a-z]+\.[a-z]+$/.test(id)) throw wrong('an id is two lower-case names with a dot between')
  if (!plainLine.test(summary)) throw wrong('the summary is not one line of plain characters')
  for (const path of [program.executable, program.path]) {
    if (!programPath.test(path)) throw wrong(`the program ${escapeValue(path)} is not the absolute path of a file`)
  }
  const slots = slotsOf({ program, argv }, 'name', (_field, type) => type)
  for (const reason of problems(slots)) throw wrong(reason)
  for (const reason of guardProblems(guards)) throw wrong(reason)
  const contents = slots.filter(slot => slot.kind === 'argument' && slot.type.staged)
  if (contents.length + Number(stdin) > 1) throw wrong('there is one way in for bytes: one content, or standard input')
  return { id, summary, program, argv, failures, stderrIsFailure, guards, accepts: { stdin, terminal } }
}

/** No name that sudoers would read as a wildcard, a list or a directory. */
const programPath = /^(?:\/[A-Za-z0-9_+-][A-Za-z0-9_+.-]*)+$/

const plainLine = /^[A-Za-z0-9 ,.;:()'_/+-]+$/

/** Settings of all guards stand below one key of a grant, so two of one name would be one. */
function* guardProblems(guards: readonly Guard[]): Generator<string> {
  const names = new Set<string>()
  const keys = new Set<string>()
  for (const { name, summary, settings } of guards) {
    if (!/^[a-z]+(-[a-z]+)*$/.test(name)) yield `${name} is not a name of a guard: lower-case words, - between them`
    if (names.has(name)) yield `the guard ${name} stands twice`
    names.add(name)
    if (!plainLine.test(summary)) yield `the summary of the guard ${name} is not one line of plain characters`
    for (const { key } of settings) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(key) || key in Object.prototype) yield `${key} is not a name of a setting`
      if (keys.has(key)) yield `the setting ${key} stands twice`
      keys.add(key)
    }
  }
}

/** Everything that makes the argv ambiguous; the first is reported. */
function* problems(slots: readonly Slot[]): Generator<string> {
  const fields = new Set<string>()
  for (const [index, slot] of slots.entries()) {
    if (slot.kind === 'text' && slot.pattern.blank) yield `the element "${slot.text}" holds a blank`
    if (slot.kind === 'text' || slot.kind === 'marker') continue
    const { field, type } = slot
    if (!/^[a-z][A-Za-z0-9]*$/.test(field)) yield `${field} is not a field name: a lower-case letter, letters, digits`
    if (fields.has(field)) yield `the field ${field} stands twice`
    fields.add(field)
    if (field in Object.prototype) yield `${field} is not a field name: every object has it`
    if (type.shape === 'none') yield `${field} is a ${type.name}, which has no spelling and cannot stand in an argv`
    if (type.shape === 'tail') yield* tailProblems(slots, index, type)
    if (type.shape === 'word' && type.pattern.blank) yield `${field} may hold a blank, which only a tail may`
    if (slot.kind === 'option') yield* optionProblems(slot, slots.slice(index + 1))
  }
  const rule = toSudoers(patternOf(slots))
  if (rule.length > longestRule)
    yield `the rule has ${rule.length} characters; sudo never matches one over ${longestRule}`
}

function* tailProblems(slots: readonly Slot[], index: number, type: ArgumentType<unknown>): Generator<string> {
  if (index !== slots.length - 1) yield `a ${type.name} takes the rest of the argv, so it stands last`
  if (slots[index]?.kind === 'option') yield `a ${type.name} cannot be an option`
  const guarded = slots.some((slot, place) => place < index && slot.kind === 'text' && slot.text === '--')
  if (!guarded) yield `-- must stand before a ${type.name}, or its words could be read as options`
}

function* optionProblems(slot: Slot & { kind: 'option' }, rest: readonly Slot[]): Generator<string> {
  const { flag, field, type } = slot
  if (!/^--?[a-z][a-z-]*$/.test(flag)) yield `${flag} is not a flag`
  if (type.staged) yield `${field} is content, which is always given and cannot be an option`
  if (toRegExp(type.pattern).test(flag)) yield `${field} could be its own flag ${flag}`
  // What may stand where the option is left out: each option after it, and the first element that is none.
  const required = rest.findIndex(next => next.kind !== 'option')
  for (const next of required < 0 ? rest : rest.slice(0, required + 1)) {
    const swallows = next.kind === 'argument' && toRegExp(next.type.pattern).test(flag)
    const same = next.kind === 'option' && next.flag === flag
    const text = next.kind === 'text' && next.text === flag
    if (swallows || same || text) yield `the optional ${flag} could be taken for an element after it`
    if (next.kind === 'argument' && next.type.shape === 'tail') yield `the optional ${flag} stands before a tail`
  }
}
