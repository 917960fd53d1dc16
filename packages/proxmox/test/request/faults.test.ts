import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { openProxmox } from '../../src/index.ts'
import { clientOf, fakeServer, type Reply, rejection, secret, tokenId } from '../support/server.ts'

const guests = { body: { data: [{ vmid: '104', status: 'running' }] } }
const upid = 'UPID:vm:00001939:0009C65B:6B0214A3:vzstart:104:appstore@pve!store:'

for (const fault of ['drop', 'half', 'cut'] as const satisfies readonly Reply[]) {
  t.test(`a read that got lost (${fault}) is repeated until it succeeds`, async t => {
    const server = await fakeServer(t, (_, n) => (n < 4 ? fault : guests))
    const proxmox = await clientOf(t, server)
    t.match(await proxmox.lxc.list(), [{ vmid: 104, status: 'running' }])
    t.equal(server.seen.length, 4)
  })

  t.test(`a change that got lost (${fault}) is never repeated, and may have been made`, async t => {
    const server = await fakeServer(t, () => fault)
    const proxmox = await clientOf(t, server)
    const error = await rejection(proxmox.lxc.start({ vmid: 104 }))
    t.match(error, { isLost: true, mayHaveRun: true, method: 'POST', path: '/nodes/vm/lxc/104/status/start' })
    t.equal(server.seen.length, 1)
  })
}

for (const status of [502, 503, 504, 595, 596, 597, 599]) {
  t.test(`a read that the proxy answers with ${status} is repeated`, async t => {
    const server = await fakeServer(t, (_, n) => (n < 3 ? { status, reason: 'Connection refused', text: '' } : guests))
    const proxmox = await clientOf(t, server)
    t.equal((await proxmox.lxc.list()).length, 1)
    t.equal(server.seen.length, 3)
  })
}

t.test('a change that the proxy could not hand to the node (595) is repeated: it did not get there', async t => {
  const server = await fakeServer(t, (_, n) =>
    n < 3 ? { status: 595, reason: 'No route to host', text: '' } : { body: { data: upid } },
  )
  const proxmox = await clientOf(t, server)
  t.equal(await proxmox.lxc.start({ vmid: 104 }), upid)
})

t.test('a change that failed behind the proxy (596) may have been made, and is not repeated', async t => {
  const server = await fakeServer(t, () => ({ status: 596, reason: 'Connection timed out', text: '' }))
  const proxmox = await clientOf(t, server)
  t.match(await rejection(proxmox.lxc.start({ vmid: 104 })), { code: 'PROXMOX_TIMED_OUT', mayHaveRun: true })
  t.equal(server.seen.length, 1)
})

t.test('refusals and failures are not repeated', async t => {
  for (const [status, reason] of [
    [401, 'no such token'],
    [403, 'Permission check failed (/vms/104, VM.Audit)'],
    [400, 'Parameter verification failed.'],
    [500, 'something'],
    [501, 'not implemented'],
  ] as const) {
    const server = await fakeServer(t, () => ({ status, reason, text: '' }))
    const proxmox = await clientOf(t, server)
    t.match(await rejection(proxmox.lxc.list()), { status, statusText: reason })
    t.equal(server.seen.length, 1, String(status))
  }
})

t.test('a server that does not answer in time is a time-out; a read is tried once more', async t => {
  const server = await fakeServer(t, () => 'hang')
  const proxmox = await clientOf(t, server, { timeout: 800 })
  t.match(await rejection(proxmox.lxc.list()), { code: 'PROXMOX_TIMED_OUT', mayHaveRun: false })
  t.equal(server.seen.length, 2)
  t.match(await rejection(proxmox.lxc.stop({ vmid: 104 })), { code: 'PROXMOX_TIMED_OUT', mayHaveRun: true })
  t.equal(server.seen.length, 3)
})

t.test('nobody at the port, or nobody who speaks TLS, is unreachable, and nothing may have run', async t => {
  const idle = createServer(socket => socket.end('hello\n'))
  await new Promise<void>(resolve => idle.listen(0, '127.0.0.1', resolve))
  t.teardown(() => idle.close())
  const { port } = idle.address() as AddressInfo
  const closed = createServer()
  await new Promise<void>(resolve => closed.listen(0, '127.0.0.1', resolve))
  const free = (closed.address() as AddressInfo).port
  await new Promise(resolve => closed.close(resolve))
  for (const each of [port, free]) {
    const proxmox = await openProxmox({
      url: `https://127.0.0.1:${each}`,
      token: { id: tokenId, secret },
      node: 'vm',
      retry: { tries: 2, first: 1 },
    })
    t.teardown(() => proxmox.close())
    const error = await rejection(proxmox.lxc.start({ vmid: 104 }))
    t.match(error, { code: 'PROXMOX_UNREACHABLE', mayHaveRun: false })
  }
})

t.test('a caller who gives up is told so at once, in a request and between two', async t => {
  const server = await fakeServer(t, () => 'hang')
  const proxmox = await clientOf(t, server, { retry: { first: 60_000, longest: 60_000 } })
  const stop = new AbortController()
  const running = rejection(proxmox.lxc.start({ vmid: 104 }, { signal: stop.signal }))
  while (server.seen.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  stop.abort()
  t.match(await running, { code: 'PROXMOX_CANCELLED', mayHaveRun: true })
  t.match(await rejection(proxmox.lxc.list({}, { signal: stop.signal })), {
    code: 'PROXMOX_CANCELLED',
    mayHaveRun: false,
  })
  t.equal(server.seen.length, 1, 'what is cancelled before it begins is not sent')

  const dropping = await fakeServer(t, () => 'drop')
  const waiting = await clientOf(t, dropping, { retry: { first: 60_000, longest: 60_000 } })
  const later = new AbortController()
  const second = rejection(waiting.lxc.list({}, { signal: later.signal }))
  while (dropping.seen.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  setTimeout(() => later.abort(), 20)
  t.match(await second, { code: 'PROXMOX_CANCELLED' })
})

t.test('an answer that is not one of Proxmox is refused with the key that is wrong', async t => {
  for (const [reply, message] of [
    [{ text: '<html>login</html>' }, /not JSON/],
    [{ text: '' }, /empty/],
    [{ text: '[]' }, /no data/],
    [{ text: '{"other":1}' }, /no data/],
    [{ body: { data: [{ vmid: 'x' }] } }, /0\.vmid/],
    [{ status: 301, reason: 'Moved', text: '' }, /not the API of Proxmox/],
  ] as const) {
    const server = await fakeServer(t, () => reply)
    const proxmox = await clientOf(t, server, { retry: { tries: 1 } })
    t.match(await rejection(proxmox.lxc.list()), { code: 'PROXMOX_ANSWER_INVALID', message })
  }
})

t.test('a create call whose answer is no task is an unknown outcome, not a success', async t => {
  for (const data of [null, 'OK', 42]) {
    const server = await fakeServer(t, () => ({ body: { data } }))
    const proxmox = await clientOf(t, server)
    const create = proxmox.lxc.create({ vmid: 105, ostemplate: 'local:vztmpl/a.tar.zst' })
    t.match(await rejection(create), { code: 'PROXMOX_ANSWER_INVALID', mayHaveRun: true })
    t.equal(server.seen.length, 1)
  }
})

t.test('lists of thousands are read', async t => {
  const data = Array.from({ length: 5000 }, (_, at) => ({
    id: `lxc/${at + 100}`,
    type: 'lxc',
    vmid: at + 100,
    node: 'vm',
    pool: 'appstore',
    status: 'running',
    tags: 'appstore;managed',
    unheardOf: { of: ['anything'] },
  }))
  const server = await fakeServer(t, () => ({ body: { data } }))
  const proxmox = await clientOf(t, server)
  const all = await proxmox.cluster.resources({ type: 'vm' })
  t.equal(all.length, 5000)
  t.match(all[4999], { vmid: 5099, tags: ['appstore', 'managed'] })
})

t.test('more requests at once than connections wait, and all are answered', async t => {
  let now = 0
  let most = 0
  const server = await fakeServer(t, async () => {
    now += 1
    most = Math.max(most, now)
    await new Promise(resolve => setTimeout(resolve, 5))
    now -= 1
    return guests
  })
  const proxmox = await clientOf(t, server, { connections: 3 })
  const all = await Promise.all(Array.from({ length: 30 }, () => proxmox.lxc.list()))
  t.equal(all.length, 30)
  t.ok(most <= 3, `${most} at once`)
})
