import { type Duplex, Readable } from 'node:stream'

/** Output that arrives in frames. A reader who takes its time holds up the connection, and so the program. */
export function openOutput(stream: Duplex): { readonly stdout: Readable; readonly stderr: Readable; end(): void } {
  const full = new Set<Readable>()
  const flow = (readable: Readable) => {
    full.delete(readable)
    if (full.size === 0) stream.resume()
  }
  const open = (): Readable => {
    const readable: Readable = new Readable({
      read: () => flow(readable),
      destroy: (error, done) => {
        flow(readable)
        done(error)
      },
    })
    const push = readable.push.bind(readable)
    readable.push = chunk => {
      if (readable.destroyed) return true
      const hasRoom = push(chunk)
      if (!hasRoom && chunk !== null) {
        full.add(readable)
        stream.pause()
      }
      return hasRoom
    }
    return readable
  }
  const [stdout, stderr] = [open(), open()]
  const end = () => {
    stdout.push(null)
    stderr.push(null)
  }
  return { stdout, stderr, end }
}
