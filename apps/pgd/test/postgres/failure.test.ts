import t from 'tap'
import { PgdError } from '../../src/errors/error.ts'
import { cancelled, failureOf, isNotYet } from '../../src/postgres/failure.ts'

t.test('each kind of failure has its code, and ends with the words of the server', async t => {
  for (const [raw, code] of [
    [{ severity: 'ERROR', code: '42P01', message: 'no such table' }, 'PGD_QUERY_FAILED'],
    [{ severity: 'ERROR', code: '53100', message: 'could not extend file' }, 'PGD_NO_SPACE'],
    [{ severity: 'ERROR', code: '57014', message: 'canceling statement' }, 'PGD_TIMED_OUT'],
    [{ severity: 'FATAL', code: '57P01', message: 'terminating connection' }, 'PGD_SERVER_FAILED'],
    [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }, 'PGD_SERVER_FAILED'],
  ] as const) {
    const error = failureOf(raw)
    t.equal(error.code, code)
    t.ok(error.message.endsWith(`"${raw.message}"`), error.message)
  }
  t.notMatch(failureOf({ severity: 'ERROR', code: 'X', message: '\u001b[2J' }).message, /[^ -~]/)
})

t.test('what may pass is told from what stays', async t => {
  t.ok(isNotYet({ code: 'ENOENT' }))
  t.ok(isNotYet(failureOf({ severity: 'FATAL', code: '57P03', message: 'the database system is starting up' })))
  t.ok(isNotYet(failureOf(new Error('Connection terminated unexpectedly'))))
  t.notOk(isNotYet({ code: 'EACCES' }))
  t.notOk(isNotYet(failureOf({ severity: 'FATAL', code: '28000', message: 'Peer authentication failed' })))
})

t.test('an interruption is one, a limit of time another, and an error of ours stays itself', async t => {
  t.equal(cancelled(AbortSignal.abort()).code, 'PGD_CANCELLED')
  t.equal(cancelled(AbortSignal.abort(new DOMException('late', 'TimeoutError'))).code, 'PGD_TIMED_OUT')
  const own = new PgdError('PGD_BUSY', 'x')
  t.equal(cancelled(AbortSignal.abort(own)), own)
  t.equal(failureOf(new Error('x'), AbortSignal.abort()).code, 'PGD_CANCELLED')
})
