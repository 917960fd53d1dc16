import { type Duplex, duplexPair } from 'node:stream'
import { type Frame, type FrameName, FrameReader } from '../../src/wire/frame.ts'
import { readJson } from '../../src/wire/json.ts'

/** Both ends of a connection in memory; when one is destroyed the other is closed, as a socket is. */
export function link(): readonly [client: Duplex, root: Duplex] {
  const [client, root] = duplexPair()
  for (const end of [client, root]) end.on('error', () => {})
  client.once('close', () => setImmediate(() => root.destroy()))
  root.once('close', () => setImmediate(() => client.destroy()))
  return [client, root]
}

/** One end of a connection, spoken and heard frame by frame. */
export interface Talker {
  readonly stream: Duplex
  /** Every frame that was heard and not asked for yet. */
  readonly heard: Frame[]
  say(...frames: readonly Buffer[]): void
  /** The next frame, which must be of this name; its JSON. */
  json(name: FrameName): Promise<Record<string, unknown>>
  /** The next frame, which must be of this name; its bytes. */
  bytes(name: FrameName): Promise<Buffer>
  /** Resolves when the other side has ended its direction, or the connection is gone. */
  readonly closed: Promise<void>
}

/** Speaks on a stream, on which `from` is the other side. */
export function talker(stream: Duplex, from: 'client' | 'root'): Talker {
  const reader = new FrameReader(from)
  const heard: Frame[] = []
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  let isClosed = false
  let wake = () => {}
  stream.on('data', (chunk: Buffer) => {
    heard.push(...reader.push(chunk))
    wake()
  })
  const end = () => {
    isClosed = true
    wake()
    close()
  }
  stream.on('end', end)
  stream.on('close', end)
  const bytes = async (name: FrameName): Promise<Buffer> => {
    for (;;) {
      const frame = heard.shift()
      if (frame?.name === name) return frame.payload
      if (frame) throw new Error(`${frame.name} came instead of ${name}: ${frame.payload.toString('latin1', 0, 200)}`)
      if (isClosed) throw new Error(`the end came instead of ${name}`)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const json = async (name: FrameName) => readJson(await bytes(name)) as Record<string, unknown>
  return { stream, heard, say: (...frames) => stream.write(Buffer.concat(frames)), bytes, json, closed }
}

/** Lets everything happen that is ready to. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** All that comes, in a list. */
export async function listOf<T>(from: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const each of from) list.push(each)
  return list
}
