import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** The server's side of a WebSocket (RFC 6455): whole messages, no extensions. */
export interface WebSocket {
  send(bytes: Buffer): void
  onMessage(listener: (bytes: Buffer) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Most bytes of one message from a client. */
const limit = 1 << 20

/** Answers the handshake and takes over the socket. `head` is what was read beyond the request. */
export function acceptWebSocket(socket: Duplex, key: string, protocol: string | undefined, head: Buffer): WebSocket {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  lines.push(
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  )
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)

  let buffered = head
  let message: Buffer[] = []
  let isClosed = false
  const listeners: ((bytes: Buffer) => void)[] = []
  const closeListeners: (() => void)[] = []
  const closed = (): void => {
    if (isClosed) return
    isClosed = true
    for (const listener of closeListeners) listener()
    socket.destroy()
  }
  const read = (): void => {
    for (let frame = readFrame(buffered); frame !== undefined; frame = readFrame(buffered)) {
      if (frame === 'bad') {
        closed()
        return
      }
      buffered = frame.rest
      if (frame.opcode === 8) {
        socket.write(frameOf(8, Buffer.alloc(0)))
        closed()
        return
      }
      if (frame.opcode === 9) socket.write(frameOf(10, frame.payload))
      if (frame.opcode > 2) continue
      message.push(frame.payload)
      if (!frame.isLast) continue
      const whole = Buffer.concat(message)
      message = []
      for (const listener of listeners) listener(whole)
    }
  }
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    read()
  })
  socket.on('close', closed)
  socket.on('error', closed)
  queueMicrotask(read)
  return {
    send: bytes => void (isClosed || socket.write(frameOf(2, bytes))),
    onMessage: listener => void listeners.push(listener),
    onClose: listener => void closeListeners.push(listener),
    close() {
      if (isClosed) return
      socket.write(frameOf(8, Buffer.from([0x03, 0xe8])))
      closed()
    },
  }
}

interface Frame {
  readonly opcode: number
  readonly isLast: boolean
  readonly payload: Buffer
  readonly rest: Buffer
}

/** The first frame of what was read; undefined when it is not all there yet. A client has to mask. */
function readFrame(bytes: Buffer): Frame | 'bad' | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  if ((second & 0x80) === 0) return 'bad'
  let length = second & 0x7f
  let at = 2
  if (length === 126) {
    if (bytes.length < 4) return undefined
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (bytes.length < 10) return undefined
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  if (length > limit) return 'bad'
  if (bytes.length < at + 4 + length) return undefined
  const mask = bytes.subarray(at, at + 4)
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length))
  for (let index = 0; index < length; index += 1) payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0)
  return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, payload, rest: bytes.subarray(at + 4 + length) }
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  if (length < 126) head[1] = length
  else if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}
