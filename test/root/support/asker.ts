import { once } from 'node:events'
import { connect } from 'node:net'
import { encodeFrame, encodeJson, FrameReader } from '../../../packages/privexec/src/wire/frame.ts'

// A client of the root-side broker without the library, which starts quickly: requests come as an array of JSON on
// standard input, each goes out on a connection of its own, and what root says of it goes to standard output.

const [path = ''] = process.argv.slice(2)
const requests = JSON.parse(await new Response(process.stdin as never).text()) as object[]

/** One line of the answer: number of the request, name of the frame, and what it says. */
const say = (at: number, frame: string, text: string): void => {
  process.stdout.write(`${JSON.stringify({ at, frame, ...(text.startsWith('{') ? JSON.parse(text) : {}) })}\n`)
}

const sockets = requests.map(() => connect({ path, allowHalfOpen: true }))
for (const [at, socket] of sockets.entries()) {
  const reader = new FrameReader('root')
  socket.on('data', (chunk: Buffer) => {
    for (const { name, payload } of reader.push(chunk)) {
      if (name !== 'stdout' && name !== 'stderr' && name !== 'credit') say(at, name, payload.toString())
      if (name === 'outcome' || name === 'refused') socket.end()
    }
  })
  socket.on('error', () => {})
  socket.on('close', () => say(at, 'close', ''))
}
await Promise.all(sockets.map(socket => once(socket, 'connect').catch(() => {})))
say(-1, 'connected', '')
for (const [at, socket] of sockets.entries()) {
  socket.write(encodeJson('request', { protocol: 1, ...requests[at] }))
  socket.write(encodeFrame('inputEnd'))
}
