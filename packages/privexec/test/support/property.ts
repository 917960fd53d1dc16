import fc from 'fast-check'
import type { Test } from 'tap'

/** Checks a fast-check property and counts it as one assertion: a bare `fc.assert` counts as none. */
export async function holds<T>(
  t: Test,
  property: fc.IRawProperty<T>,
  parameters: fc.Parameters<T> = {},
  message = 'holds for all generated values',
): Promise<void> {
  const result = await fc.check(property, parameters)
  if (result.failed) t.comment(fc.defaultReportMessage(result))
  t.equal(result.failed, false, message)
}
