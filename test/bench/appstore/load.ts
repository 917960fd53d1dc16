import { connect, type TLSSocket } from 'node:tls'

/** A request that is asked again and again. */
export interface Asked {
  readonly port: number
  readonly token: string
  readonly path: string
}

/**
 * Answers per second that `connections` get which ask anew as soon as they were answered, for some milliseconds. Speaks
 * just enough HTTP, so that it is the daemon which is measured. Throws for an answer other than 200.
 */
export async function load(asked: Asked, connections: number, milliseconds: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(asked.port)))
  const until = performance.now() + milliseconds
  const began = performance.now()
  try {
    const counts = await Promise.all(sockets.map(socket => askUntil(socket, asked, until)))
    return (counts.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - began)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

function open(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket))
    socket.once('error', reject)
  })
}

function askUntil(socket: TLSSocket, { path, token }: Asked, until: number): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let count = 0
  let missing = 0
  let head = Buffer.alloc(0)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the daemon closed the connection')))
  socket.on('data', (chunk: Buffer) => {
    if (missing > 0) missing -= chunk.length
    else {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      const text = head.toString('latin1', 0, end)
      const [, length] = /^content-length: (\d+)$/im.exec(text) ?? []
      if (!text.startsWith('HTTP/1.1 200 ') || length === undefined) return reject(new Error(text))
      missing = Number(length) - (head.length - end - 4)
      head = Buffer.alloc(0)
    }
    if (missing > 0) return
    count++
    if (performance.now() >= until) resolve(count)
    else socket.write(request)
  })
  socket.write(request)
  return promise
}
