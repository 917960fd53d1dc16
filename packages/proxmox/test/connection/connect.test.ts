import { inspect } from 'node:util'
import t from 'tap'
import { connect } from '../../src/index.ts'
import { clientOf, fakeServer, rejection, secret, tokenId } from '../support/server.ts'

const version = { body: { data: { version: '8.4.1', release: '8.4' } } }

t.test('connecting asks for the version with the token, so that a wrong token shows at once', async t => {
  const good = await fakeServer(t, () => version)
  const proxmox = await connect({ url: good.url, token: { id: tokenId, secret }, tls: { ca: good.identity.ca } })
  t.teardown(() => proxmox.close())
  t.match(good.seen, [{ method: 'GET', path: '/version', authorization: `PVEAPIToken=${tokenId}=${secret}` }])

  const bad = await fakeServer(t, () => ({ status: 401, reason: 'no such token', text: '' }))
  const refused = connect({ url: bad.url, token: { id: tokenId, secret }, tls: { ca: bad.identity.ca } })
  t.match(await rejection(refused), { code: 'PROXMOX_UNAUTHORIZED', answer: 'no such token' })
})

t.test('the node is the only one, or the one of several that answers', async t => {
  const one = await fakeServer(t, () => ({ body: { data: [{ node: 'pve', status: 'online' }] } }))
  const single = await clientOf(t, one, { node: undefined })
  t.equal(await single.node(), 'pve')
  t.equal(await single.node(), 'pve')
  t.equal(one.seen.length, 1, 'asked once')

  const several = await fakeServer(t, ({ path }) => ({
    body: {
      data:
        path === '/nodes'
          ? [
              { node: 'a', status: 'online' },
              { node: 'b', status: 'online' },
            ]
          : [
              { type: 'cluster', id: 'cluster', name: 'c' },
              { type: 'node', id: 'node/a', name: 'a', local: 0 },
              { type: 'node', id: 'node/b', name: 'b', local: 1 },
            ],
    },
  }))
  t.equal(await (await clientOf(t, several, { node: undefined })).node(), 'b')
})

t.test('a search for the node that failed is made again', async t => {
  const server = await fakeServer(t, (_, n) =>
    n === 1
      ? { status: 403, reason: 'no', body: { data: null } }
      : { body: { data: [{ node: 'pve', status: 'online' }] } },
  )
  const proxmox = await clientOf(t, server, { node: undefined })
  t.match(await rejection(proxmox.node()), { code: 'PROXMOX_FORBIDDEN' })
  t.equal(await proxmox.node(), 'pve')
})

t.test('requests are for the node of the connection, of `on`, or of the call', async t => {
  const server = await fakeServer(t, () => ({ body: { data: [] } }))
  const proxmox = await clientOf(t, server)
  await proxmox.lxc.list()
  await proxmox.on('other').lxc.list()
  await proxmox.lxc.list({ node: 'third' })
  t.same(
    server.seen.map(({ path }) => path),
    ['/nodes/vm/lxc', '/nodes/other/lxc', '/nodes/third/lxc'],
  )
})

t.test('a closed client cancels what runs', async t => {
  const server = await fakeServer(t, () => 'hang')
  const proxmox = await clientOf(t, server, { retry: { tries: 1 } })
  const running = rejection(proxmox.version.get())
  while (server.seen.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  await proxmox.close()
  t.match(await running, { name: 'ProxmoxError' })
})

t.test('neither a client nor its errors and log show the secret', async t => {
  const lines: unknown[] = []
  const log = {
    debug: (...line: unknown[]) => void lines.push(line),
    warn: (...line: unknown[]) => void lines.push(line),
  }
  const server = await fakeServer(t, () => ({
    status: 500,
    reason: `echo ${secret}`,
    body: { data: null, message: `echo ${secret}` },
  }))
  const proxmox = await clientOf(t, server, { log })
  const error = await rejection(proxmox.version.get())
  t.match(error, { code: 'PROXMOX_FAILED', message: /\[secret\]/ })
  t.notMatch(inspect([error, proxmox, lines], { depth: 12, showHidden: true }), secret)
  t.ok(lines.length > 0, 'something was logged')
})

t.test('options that are none are refused', async t => {
  const server = await fakeServer(t, () => version)
  for (const options of [
    { timeout: 0 },
    { connections: 0 },
    { retry: { tries: 0 } },
    { retry: { first: -1 } },
    { node: '../x' },
    { url: 'http://127.0.0.1' },
  ]) {
    t.match(await rejection(clientOf(t, server, options)), { code: 'PROXMOX_INPUT_INVALID' })
  }
})
