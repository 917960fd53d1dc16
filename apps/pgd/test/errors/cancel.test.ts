import t from 'tap'
import { throwIfCancelled } from '../../src/errors/cancel.ts'
import { PgdError } from '../../src/errors/error.ts'

t.test('a signal that was given ends the work with its own error, or as an interrupt', async t => {
  t.doesNotThrow(() => throwIfCancelled(undefined))
  t.doesNotThrow(() => throwIfCancelled(new AbortController().signal))
  t.throws(() => throwIfCancelled(AbortSignal.abort()), { code: 'PGD_CANCELLED' })
  const late = new PgdError('PGD_TIMED_OUT', 'late')
  t.throws(() => throwIfCancelled(AbortSignal.abort(late)), late)
})
