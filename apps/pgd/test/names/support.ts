import fc from 'fast-check'
import type { Test } from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { isPgdError } from '../../src/errors/error.ts'

/** Code and field of what a call is refused with; undefined when it is not, and any other error is passed on. */
export function refusal(call: () => unknown): readonly [code: string, field: string | undefined] | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (!isPgdError(error)) throw error
    return [error.code, error.field]
  }
}

/** Texts of any characters; the units of fast-check itself take seconds to be built. */
export const anyCharacters = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.nat({ max: 0x10_ffff }).map(code => String.fromCodePoint(code)), maxLength })

/** Texts of any kind, and texts that are nearly right. */
export const anyText = (alphabet: string): fc.Arbitrary<string> =>
  fc.oneof(
    anyCharacters(300),
    fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(...alphabet, '\n', '\0', ' ', '-', '$', 'é'), maxLength: 12 }),
  )

/**
 * Checks of a parser with any text: it is refused as `PGD_INPUT_INVALID` of the field, with a message in printable
 * ASCII, or `isRight` holds of the text and of what was read.
 */
export async function refusesOrReads<T>(
  t: Test,
  alphabet: string,
  parse: (text: string, field: string) => T,
  isRight: (value: T, text: string) => boolean,
): Promise<void> {
  const property = fc.property(anyText(alphabet), text => {
    try {
      return isRight(parse(text, 'that'), text)
    } catch (error) {
      if (!isPgdError(error)) throw error
      const isReadable = /^[ -~]+$/.test(`${error.message}${error.advice}`) && error.message.startsWith('that ')
      return error.code === 'PGD_INPUT_INVALID' && error.field === 'that' && isReadable
    }
  })
  await holds(t, property, { numRuns: 500 })
}

/** Refused as `PGD_INPUT_INVALID`, each of them. */
export function refusesAll<T>(t: Test, texts: readonly T[], parse: (text: T, field: string) => unknown): void {
  for (const text of texts) {
    t.same(
      refusal(() => parse(text, 'that')),
      ['PGD_INPUT_INVALID', 'that'],
      JSON.stringify(text),
    )
  }
}
