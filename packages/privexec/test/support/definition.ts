import { type ArgumentType, textType } from '../../src/argument/type.ts'
import type { Command } from '../../src/command/command.ts'
import { defineCommand } from '../../src/command/define.ts'
import { program } from '../../src/command/program.ts'
import { type Slot, slotsOf } from '../../src/command/slots.ts'
import type { Element, InputOf } from '../../src/command/template.ts'
import { type Pattern, toRegExp } from '../../src/pattern/dialect.ts'

/** A definition with this template. */
export const define = <const Elements extends readonly unknown[]>(
  argv: Elements,
  path = '/usr/bin/tool',
): Command<InputOf<Elements>> => defineCommand({ id: 'tool.use', summary: 'Use a tool', program: program(path), argv })

/** A type whose values are the texts of a pattern. */
export const word = (pattern: Pattern): ArgumentType<string> =>
  textType({ name: 'word', allowed: 'a word', pattern }, toRegExp(pattern))

/** The places of a template's argv, with the types as they are. */
export const slotsFor = (argv: readonly unknown[]): readonly Slot[] =>
  slotsOf({ program: program('/usr/bin/tool'), argv: argv as readonly Element[] }, 'name', (_field, type) => type)
