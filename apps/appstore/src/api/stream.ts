import type { FastifyReply } from 'fastify'

/** How often a silent stream shows that it is there, in milliseconds. */
const pulse = 20_000
/** Bytes that may wait for a slow reader; then it is cut off, and comes back with the last id that it got. */
const mostWaiting = 4 * 1024 * 1024

/** A stream of server-sent events. */
export interface EventStream {
  send(id: string | undefined, name: string, data: string): void
  end(): void
  onClose(run: () => void): void
}

/** Takes the answer over as a stream of server-sent events (HTML standard, section 9.2). */
export function openStream(reply: FastifyReply): EventStream {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 1000\n\n')
  const timer = setInterval(() => raw.write(':\n\n'), pulse)
  const closers: (() => void)[] = []
  let isClosed = false
  raw.on('close', () => {
    isClosed = true
    clearInterval(timer)
    for (const run of closers) run()
  })
  raw.on('error', () => {})
  return {
    send: (id, name, data) => {
      if (isClosed || raw.writableEnded) return
      raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`)
      if (raw.writableLength > mostWaiting) raw.destroy()
    },
    end: () => {
      if (!raw.writableEnded) raw.end()
    },
    onClose: run => {
      if (isClosed) run()
      else closers.push(run)
    },
  }
}
