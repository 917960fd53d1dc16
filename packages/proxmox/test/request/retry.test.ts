import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { checkRetry, waitBefore } from '../../src/request/retry.ts'

t.test('waits grow to the longest, and are spread over half of it', async t => {
  const retry = checkRetry({ first: 100, longest: 2000 })
  t.same(
    [1, 2, 3, 4, 5, 6, 60].map(n => waitBefore(retry, n, 1)),
    [100, 200, 400, 800, 1600, 2000, 2000],
  )
  const property = fc.property(
    fc.integer({ min: 1, max: 1000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (n, random) => {
      const wait = waitBefore(retry, n, random)
      const full = waitBefore(retry, n, 1)
      return wait >= full / 2 && wait <= full
    },
  )
  await holds(t, property)
})
