import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { directoriesRuntime, type GuestRuntime, type Lab, type Shell } from '../../src/index.ts'
import { container, finish, labFor, send, tokenOf } from '../support/client.ts'

/** A guest whose shell says what was typed, in capitals. */
function talkative(seen: string[]): GuestRuntime {
  return {
    ...directoriesRuntime(),
    async shell(): Promise<Shell> {
      let listener = (_: Buffer): void => undefined
      return {
        write: bytes => listener(Buffer.from(bytes.toString().toUpperCase())),
        resize: (columns, rows) => void seen.push(`${columns}x${rows}`),
        onData: given => {
          listener = given
        },
        onEnd: () => undefined,
        end: () => void seen.push('ended'),
      }
    },
  }
}

async function open(t: Test, lab: Lab, path: string): Promise<TLSSocket> {
  const socket = connect({ port: lab.port, host: '127.0.0.1', ca: lab.caPem })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: lab\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nAuthorization: ${tokenOf(lab)}\r\n\r\n`,
  )
  return socket
}

/** A masked binary frame, as clients have to send it. */
function frame(text: string): Buffer {
  const bytes = Buffer.from(text)
  const mask = randomBytes(4)
  const head = bytes.length < 126 ? [0x82, 0x80 | bytes.length] : [0x82, 0xfe, bytes.length >> 8, bytes.length & 0xff]
  return Buffer.concat([Buffer.from(head), mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))])
}

async function until(socket: TLSSocket, wanted: string): Promise<string> {
  let text = ''
  while (!text.includes(wanted)) text += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1')
  return text
}

t.test('a console is opened once with its ticket, and carries what is typed and the size', async t => {
  const seen: string[] = []
  const lab = await labFor(t, { guests: talkative(seen) })
  await finish(lab, 'POST', '/nodes/lab/lxc', container(105))
  await finish(lab, 'POST', '/nodes/lab/lxc/105/status/start')
  const proxy = await send(lab, 'POST', '/nodes/lab/lxc/105/termproxy')
  const { ticket, port, user } = (proxy.body?.data ?? {}) as { ticket: string; port: number; user: string }
  const path = `/api2/json/nodes/lab/lxc/105/vncwebsocket?port=${port}&vncticket=${encodeURIComponent(ticket)}`
  const socket = await open(t, lab, path)
  t.match(await until(socket, '\r\n\r\n'), /^HTTP\/1\.1 101 /)
  socket.write(frame(`${user}:${ticket}\n`))
  await until(socket, 'OK')
  socket.write(frame('1:120:40:'))
  socket.write(frame('0:5:hello2'))
  t.ok(await until(socket, 'HELLO'))
  t.same(seen, ['120x40'])
  const again = await open(t, lab, path)
  t.match(await until(again, '\r\n\r\n'), /^HTTP\/1\.1 500 invalid vncticket/)
})

t.test('without the privilege there is no console', async t => {
  const lab = await labFor(t, { guests: talkative([]), privileges: ['VM.Audit'] })
  lab.addForeignGuest({ vmid: 105, hostname: 'x', pool: 'appstore', isRunning: true })
  t.equal(
    (await send(lab, 'POST', '/nodes/lab/lxc/105/termproxy')).reason,
    'Permission check failed (/vms/105, VM.Console)',
  )
  const socket = await open(t, lab, '/api2/json/nodes/lab/lxc/105/vncwebsocket?port=5900&vncticket=x')
  t.match(await until(socket, '\r\n\r\n'), /^HTTP\/1\.1 403 /)
})
