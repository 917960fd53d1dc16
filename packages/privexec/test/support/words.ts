import type { Test } from 'tap'
import type { ArgumentType } from '../../src/argument/type.ts'
import { matches, oddTexts, oddValues, problemWith } from './field.ts'

/**
 * Checks a type of texts: `legal` is allowed and is its own spelling; `illegal`, texts that no word may be, and values of
 * other types are refused with a message that names the field, shows the value escaped, and says what is allowed.
 */
export function checkWords(
  t: Test,
  type: ArgumentType<string>,
  legal: readonly string[],
  illegal: readonly string[],
): void {
  for (const text of legal) {
    t.equal(problemWith(type, text), undefined, `allows ${text.slice(0, 60)}`)
    t.ok(matches(type, text), 'and so does the pattern')
    t.strictSame(type.read(type.spell(text, { marker: '', stagedFile: '' })), text, 'and it is its own spelling')
  }
  for (const text of [...illegal, ...oddTexts.filter(odd => !legal.includes(odd))]) {
    checkRefusal(t, type, text)
    t.notOk(matches(type, text), 'and the pattern refuses it')
  }
  for (const value of oddValues) checkRefusal(t, type, value)
}

/** Checks that a value is refused, and what the message says. */
export function checkRefusal<Value>(t: Test, type: ArgumentType<Value>, value: unknown): void {
  const problem = problemWith(type, value)
  t.equal(problem?.code, 'PRIVEXEC_ARGUMENT_INVALID', 'is refused')
  const { message = '', field } = problem ?? {}
  t.match(field, /^field/)
  t.ok(message.startsWith('field') && message.endsWith(`allowed is ${type.allowed}`), message)
  t.match(message, /^[ -~]{1,600}$/, 'in printable ASCII of bounded length')
}
