import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { untilListening } from '../../src/postgres/listening.ts'

/** Something that listens, and its port. */
async function listener(t: Test, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const failure = (port: number, limit = 300): Promise<unknown> =>
  untilListening(port, { limit }).then(
    () => undefined,
    error => error,
  )

t.test('a server with TLS is there when it says so to the request for it', async s => {
  const asked: Buffer[] = []
  const port = await listener(s, socket =>
    socket.once('data', data => {
      asked.push(data)
      socket.write('S')
    }),
  )
  s.equal(await failure(port, 20_000), undefined)
  s.same(Buffer.concat(asked), Buffer.from('0000000804d2162f', 'hex'))
})

t.test('what refuses TLS, says nothing, says something else or hangs up is no such server', async s => {
  const answers: readonly [string, (socket: Socket) => void][] = [
    ['refuses', socket => socket.write('N')],
    ['says nothing', () => {}],
    ['another protocol', socket => socket.write('SSH-2.0-x\r\n')],
    ['hangs up', socket => socket.end()],
  ]
  for (const [name, serve] of answers) {
    s.match(await failure(await listener(s, serve)), { code: 'PGD_SERVER_FAILED', message: /and not on 127/ }, name)
  }
})

t.test('a port where nothing is yet is asked again, and an interruption ends that', async s => {
  const port = await listener(s, () => {})
  s.match(await failure(1), { code: 'PGD_SERVER_FAILED', message: /ECONNREFUSED/ })
  let tries = 0
  const late = await listener(s, socket => {
    tries += 1
    socket.end(tries > 2 ? 'S' : '')
  })
  s.equal(await failure(late, 20_000), undefined)
  s.equal(tries, 3)
  await s.rejects(untilListening(port, { limit: 50, signal: AbortSignal.abort() }), { code: 'PGD_CANCELLED' })
})
