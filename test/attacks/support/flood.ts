// A program of an account that gives a socket more than it should take.
//   flood.ts bytes PATH MEGABYTES [HEX]     HEX first, then so many megabytes, as fast as they are taken
//   flood.ts idle PATH COUNT MILLISECONDS [HEX]   so many connections, HEX on each, then a byte now and then, or none
// Prints what came of it as JSON: bytes written, connections made, and how many of them the other side has ended.
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const [mode, path = '', amount = '0', ...rest] = process.argv.slice(2)
let [written, connected, ended] = [0, 0, 0]

/** Connects; again and again while the kernel says that too many wait to be accepted. */
async function open(): Promise<Socket> {
  for (;;) {
    const socket = connect({ path, allowHalfOpen: true })
    socket.on('data', () => {})
    const fault = await new Promise<string | undefined>(resolve => {
      socket.once('connect', () => resolve(undefined))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    if (fault === 'EAGAIN') {
      await delay(50)
      continue
    }
    if (fault !== undefined) throw new Error(fault)
    connected += 1
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      ended += 1
    })
    return socket
  }
}

if (mode === 'bytes') {
  const socket = await open()
  let wake = () => {}
  for (const event of ['drain', 'close']) socket.on(event, () => wake())
  socket.write(Buffer.from(rest[0] ?? '', 'hex'))
  const block = Buffer.alloc(65_536, 'x')
  while (written < Number(amount) * 1_048_576 && !socket.destroyed) {
    written += block.length
    if (socket.write(block)) continue
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
  socket.end()
  await delay(200)
} else {
  const [time = '0', hex = ''] = rest
  const sockets = await Promise.all(Array.from({ length: Number(amount) }, open))
  for (const socket of sockets) if (!socket.destroyed) socket.write(Buffer.from(hex, 'hex'))
  for (const end = performance.now() + Number(time); performance.now() < end; await delay(100)) {
    if (hex !== '') for (const socket of sockets) if (!socket.destroyed) socket.write('{')
  }
}
process.stdout.write(JSON.stringify({ written, connected, ended }))
process.exit(0)
