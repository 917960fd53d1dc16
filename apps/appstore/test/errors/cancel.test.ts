import t from 'tap'
import { throwIfCancelled } from '../../src/errors/cancel.ts'
import { AppstoreError } from '../../src/errors/error.ts'

t.test('a signal that was given ends the work with its own error, or as cancelled', async t => {
  t.doesNotThrow(() => throwIfCancelled(undefined))
  t.doesNotThrow(() => throwIfCancelled(new AbortController().signal))
  t.throws(() => throwIfCancelled(AbortSignal.abort()), { code: 'APPSTORE_CANCELLED' })
  const late = new AppstoreError('APPSTORE_TIMED_OUT', 'late')
  t.throws(() => throwIfCancelled(AbortSignal.abort(late)), late)
})
