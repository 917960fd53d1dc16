import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { requireAll } from '../access/check.ts'
import { authenticate } from '../access/identity.ts'
import type { World } from '../api/endpoint.ts'
import { viewOf } from '../state/disks.ts'
import { guestOf, isRunning } from '../state/guests.ts'
import { failed } from './error.ts'
import { acceptWebSocket, type WebSocket } from './websocket.ts'

const path = /^\/api2\/json\/nodes\/[^/]+\/lxc\/(\d+)\/vncwebsocket$/

/**
 * Consoles over WebSocket, as the terminal of Proxmox speaks: the client sends `USER:TICKET` and a line feed and reads
 * `OK`; then `0:LENGTH:TEXT` is what was typed, `1:COLUMNS:ROWS:` a new size, `2` a sign of life. What the guest writes
 * comes back as it is.
 */
export function acceptConsoles(server: Server, world: World): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    try {
      const opened = open(world, request)
      const key = request.headers['sec-websocket-key']
      if (key === undefined) throw failed('no websocket key')
      const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim()
      attend(world, opened, acceptWebSocket(socket, key, protocol, head))
    } catch (error) {
      socket.end(`HTTP/1.1 ${(error as { status?: number }).status ?? 500} ${(error as Error).message}\r\n\r\n`)
    }
  })
}

interface Opened {
  readonly vmid: number
  readonly user: string
  readonly ticket: string
}

function open(world: World, request: IncomingMessage): Opened {
  const url = new URL(request.url ?? '/', 'https://lab')
  const vmid = Number(path.exec(url.pathname)?.[1])
  const { authorization, cookie } = request.headers
  const who = authenticate(world.state, world.tickets, { authorization, cookie, csrf: undefined, method: 'GET' })
  requireAll(world.state, who, `/vms/${vmid}`, ['VM.Console'])
  if (!isRunning(guestOf(world, vmid))) throw failed(`CT ${vmid} not running`)
  const ticket = url.searchParams.get('vncticket') ?? ''
  const found = world.consoles.take(ticket, vmid)
  if (found === undefined || String(found.port) !== url.searchParams.get('port')) throw failed('invalid vncticket')
  return { vmid, user: found.user, ticket }
}

function attend(world: World, { vmid, user, ticket }: Opened, socket: WebSocket): void {
  let waiting: Buffer = Buffer.alloc(0)
  let isKnown = false
  const shell = world.runtime.shell(viewOf(world, vmid, guestOf(world, vmid).config), 80, 24)
  shell.then(
    ({ onEnd }) => onEnd(() => socket.close()),
    () => socket.close(),
  )
  socket.onClose(() => void shell.then(open => open.end()).catch(() => undefined))
  socket.onMessage(bytes => {
    waiting = Buffer.concat([waiting, bytes])
    if (!isKnown) {
      const end = waiting.indexOf(10)
      if (end < 0) return
      if (waiting.toString('utf8', 0, end) !== `${user}:${ticket}`) return socket.close()
      isKnown = true
      waiting = waiting.subarray(end + 1)
      socket.send(Buffer.from('OK'))
      void shell.then(({ onData }) => onData(data => socket.send(data))).catch(() => undefined)
    }
    for (let next = readCommand(waiting); next !== undefined; next = readCommand(waiting)) {
      waiting = next.rest
      const { typed, size } = next
      void shell
        .then(open => {
          if (typed !== undefined) open.write(typed)
          if (size !== undefined) open.resize(size[0], size[1])
        })
        .catch(() => undefined)
    }
  })
}

interface Command {
  readonly typed?: Buffer
  readonly size?: readonly [number, number]
  readonly rest: Buffer
}

/** The first command of what was read; undefined when it is not all there. */
function readCommand(bytes: Buffer): Command | undefined {
  const text = bytes.toString('latin1', 0, 24)
  if (text.startsWith('2')) return { rest: bytes.subarray(1) }
  const size = /^1:(\d{1,4}):(\d{1,4}):/.exec(text)
  if (size !== null) return { size: [Number(size[1]), Number(size[2])], rest: bytes.subarray(size[0].length) }
  const typed = /^0:(\d{1,7}):/.exec(text)
  if (typed === null) return undefined
  const end = typed[0].length + Number(typed[1])
  return bytes.length < end ? undefined : { typed: bytes.subarray(typed[0].length, end), rest: bytes.subarray(end) }
}
