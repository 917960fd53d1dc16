import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import t from 'tap'
import { greeting, resized, typed, welcome } from '../../src/console/protocol.ts'
import { clientOf, fakeServer, rejection, secret, tokenId } from '../support/server.ts'

const upid = 'UPID:vm:00001939:0009C65B:6B0214A3:vncproxy:104:appstore@pve!store:'
const ticket = 'PVEVNC:canary-of-the-console::xyz=='
const granted = { body: { data: { port: '5900', ticket, upid, user: tokenId } } }

/** A server side of a WebSocket, as far as these tests need it: frames below 126 bytes. */
function accept(socket: Duplex, key: string, onText: (text: string, send: (data: string) => void) => void): void {
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${hash}\r\nSec-WebSocket-Protocol: binary\r\n\r\n`,
  )
  const send = (data: string): void => {
    const bytes = Buffer.from(data)
    socket.write(Buffer.concat([Buffer.from([0x82, bytes.length]), bytes]))
  }
  let pending = Buffer.alloc(0)
  socket.on('data', chunk => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 6) {
      const length = (pending[1] ?? 0) & 0x7f
      if (pending.length < 6 + length) return
      const mask = pending.subarray(2, 6)
      const text = pending.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0))
      const isText = ((pending[0] ?? 0) & 0x0f) < 3
      pending = pending.subarray(6 + length)
      if (isText) onText(Buffer.from(text).toString(), send)
      else socket.end()
    }
  })
}

t.test('a terminal greets, shows output, and sends what is typed and its size', async t => {
  const texts: string[] = []
  const asked: (string | undefined)[] = []
  const server = await fakeServer(t, () => granted, {
    upgrade: (request, socket) => {
      asked.push(request.url, request.headers.authorization, request.headers['sec-websocket-protocol'])
      accept(socket, request.headers['sec-websocket-key'] ?? '', (text, send) => {
        texts.push(text)
        if (texts.length === 1) send('OKlogin: ')
        else send(`echo ${text}`)
      })
    },
  })
  const proxmox = await clientOf(t, server)
  const output: string[] = []
  let closed = 0
  let seen: () => void = () => {}
  const terminal = await proxmox.console({
    vmid: 104,
    onData: data => {
      output.push(data.toString())
      seen()
    },
    onClose: () => {
      closed += 1
      seen()
    },
  })
  const until = async (done: () => boolean): Promise<void> => {
    while (!done())
      await new Promise<void>(resolve => {
        seen = resolve
      })
  }
  terminal.write('lsä\r')
  terminal.resize(80, 24)
  await until(() => output.join('').includes('1:80:24:'))
  t.same(texts, [`${tokenId}:${ticket}\n`, '0:5:lsä\r', '1:80:24:'])
  t.equal(output[0], 'login: ')
  const query = new URLSearchParams({ port: '5900', vncticket: ticket })
  t.same(asked, [`/api2/json/nodes/vm/lxc/104/vncwebsocket?${query}`, `PVEAPIToken=${tokenId}=${secret}`, 'binary'])
  terminal.close()
  await until(() => closed === 1)
})

t.test('a terminal that is refused is an error, not an open one, and shows no secret', async t => {
  const server = await fakeServer(t, () => granted, {
    upgrade: (request, socket) => {
      accept(socket, request.headers['sec-websocket-key'] ?? '', () => socket.destroy())
    },
  })
  const proxmox = await clientOf(t, server)
  const error = await rejection(proxmox.console({ vmid: 104, onData: () => t.fail('there is no output') }))
  t.match(error, { code: 'PROXMOX_CONSOLE_REFUSED' })
  t.notMatch(JSON.stringify([error, error.message]), /canary/)

  const none = await fakeServer(t, () => granted, { upgrade: (_, socket) => socket.end('HTTP/1.1 403 no\r\n\r\n') })
  const other = await clientOf(t, none)
  t.match(await rejection(other.console({ vmid: 104, onData: () => {} })), { code: 'PROXMOX_CONSOLE_REFUSED' })
})

t.test('terminals that are open take no connection from requests', async t => {
  const server = await fakeServer(t, ({ method }) => (method === 'POST' ? granted : { body: { data: [] } }), {
    upgrade: (request, socket) => accept(socket, request.headers['sec-websocket-key'] ?? '', (_, send) => send('OK')),
  })
  const proxmox = await clientOf(t, server, { connections: 1 })
  const open = [1, 2, 3].map(() => proxmox.console({ vmid: 104, onData: () => {} }))
  const terminals = await Promise.all(open)
  t.same(await proxmox.lxc.list(), [])
  for (const terminal of terminals) terminal.close()
})

t.test('a terminal that does not come is a time-out', async t => {
  const server = await fakeServer(t, () => granted, {
    upgrade: (request, socket) => accept(socket, request.headers['sec-websocket-key'] ?? '', () => {}),
  })
  const proxmox = await clientOf(t, server)
  t.match(await rejection(proxmox.console({ vmid: 104, onData: () => {}, timeout: 50 })), { code: 'PROXMOX_TIMED_OUT' })
})

t.test('messages are those of termproxy', async t => {
  t.equal(greeting('u@pve', 'T'), 'u@pve:T\n')
  t.equal(typed('é'), '0:2:é')
  t.equal(resized(0, 99_999), '1:1:10000:')
  t.equal(welcome(Buffer.from('NO')), undefined)
  t.equal(welcome(Buffer.from('OKx'))?.toString(), 'x')
})
