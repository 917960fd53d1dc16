import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { connectEarly } from '../../src/postgres/early.ts'

// What becomes of a connection to PostgreSQL itself is in test/pgd/postgres.test.ts.
const { signal } = new AbortController()

t.test('where nothing answers, nothing has failed, and who connects is told', async t => {
  const run = t.testdir()
  const early = connectEarly({ run, signal })
  await t.rejects(early.connect({ run }), { code: 'PGD_SERVER_FAILED' })
  await early.end()
})

t.test('a server that does not answer is not waited for by who does not need it', async t => {
  // Names of sockets are short.
  const run = mkdtempSync(join(tmpdir(), 'early-'))
  t.teardown(() => rmSync(run, { recursive: true }))
  const sockets: Socket[] = []
  const server = createServer(socket => sockets.push(socket)).listen(join(run, '.s.PGSQL.5432'))
  t.teardown(() => server.close())
  await once(server, 'listening')
  const early = connectEarly({ run, signal })
  const [socket] = (await once(server, 'connection')) as [Socket]
  const closed = once(socket.on('error', () => {}).resume(), 'close')
  await early.end()
  await closed
  t.equal(sockets.length, 1)
})
