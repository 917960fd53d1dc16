import t from 'tap'
import { fatalIn } from '../../src/postgres/words.ts'

t.test('the reason is the last fatal one that is not said to a client', async t => {
  const log = [
    '2026-01-01 00:00:00 UTC [1] LOG:  starting PostgreSQL',
    '2026-01-01 00:00:00 UTC [2] FATAL:  the database system is not accepting connections',
    '2025-12-31 00:00:00 UTC [9] PANIC:  of another time',
    '2026-01-01 00:00:00 UTC [3] FATAL:  recovery ended before configured recovery target was reached',
    '2026-01-01 00:00:00 UTC [4] FATAL:  terminating connection due to administrator command',
    '2026-01-01 00:00:00 UTC [1] LOG:  shutting down due to startup process failure',
  ].join('\n')
  t.equal(fatalIn(log), 'FATAL:  recovery ended before configured recovery target was reached')
  t.equal(fatalIn('LOG:  x\n'), undefined)
  t.equal(fatalIn(''), undefined)
})
