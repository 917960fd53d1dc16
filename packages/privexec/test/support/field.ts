import { z } from 'zod'
import type { ArgumentType } from '../../src/argument/type.ts'
import { type Problem, validator } from '../../src/decide/validate.ts'
import { toRegExp } from '../../src/pattern/dialect.ts'

/** What is wrong with a value as the field `field` of an input; undefined for a value that is allowed. */
export function problemWith<Value>(type: ArgumentType<Value>, value: unknown): Problem | undefined {
  const { check, explain } = validator(z, [
    { kind: 'argument', field: 'field', type: type as unknown as ArgumentType<unknown> },
  ])
  const input = { field: value }
  return check(input) ? undefined : explain(input)
}

/** Whether the spelling of a word is one that sudo lets through. */
export const matches = <Value>(type: ArgumentType<Value>, text: string): boolean => toRegExp(type.pattern).test(text)

/** Texts that no word may be: blanks, controls, look-alikes, halves of surrogate pairs, options, names for the shell. */
export const oddTexts: readonly string[] = [
  ...['', ' ', 'a b', ' a', 'a ', 'a\n', '\na', 'a\nb', 'a\r', 'a\t', 'a\0', '\0', 'a\x1b[31m', 'a\x7f', 'a\v', 'a\f'],
  ...[
    'é',
    'ａ',
    'а',
    '\u{1f600}',
    '\ud800',
    'a\udfff',
    'a\u202eb',
    'a\u200b',
    '\ufeffa',
    'a\u00a0b',
    'a\u2028',
    'e\u0301',
  ],
  ...['-', '--', '-a', '--keep-env', '..', '../a', '/..', '/a/../b', '/./a', '//a', '/a/', '/a//b'],
  ...[
    '*',
    'a*',
    '?',
    '[a]',
    '$(id)',
    '`id`',
    'a;b',
    'a|b',
    'a&b',
    'a>b',
    "a'b",
    'a"b',
    'a\\b',
    'a#b',
    '{a,b}',
    '!a',
    '(a)',
  ],
]

/** Values of other types, among them some that coercion would make something of. */
export const oddValues: readonly unknown[] = [
  ...[null, undefined, true, Number.NaN, Number.POSITIVE_INFINITY, -0, 1.5, 10n, Symbol('a'), {}, [], () => 'a'],
  ...[Object('a'), Object(20_001), { toString: () => 'a' }, { valueOf: () => 20_001 }, new Date(0), new Map()],
]
