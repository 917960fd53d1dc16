import type { Duplex } from 'node:stream'
import { type Frame, FrameError, FrameReader } from './frame.ts'

/** What a side does with what arrives. */
export interface Listener {
  frame(frame: Frame): void
  /** Called once: the other side is gone, or what it sent is no frame. */
  end(error?: Error): void
}

/** Frames in both directions over a stream of bytes. */
export interface Channel {
  /** Resolves when there is room for more, also when nobody is there to read it any more. */
  send(frame: Buffer): Promise<void>
  /** Sends the last frame and ends this direction. */
  finish(frame: Buffer): void
  destroy(): void
}

/** How long the other side may take to read the last frame, in milliseconds. */
const lastRead = 5000

/** Reads the frames of `sender` from a stream, also from one that was paused, and writes ours to it. */
export function openChannel(stream: Duplex, sender: 'client' | 'root', listener: Listener): Channel {
  const reader = new FrameReader(sender)
  let isOver = false
  const over = (error?: Error) => {
    if (isOver) return
    isOver = true
    listener.end(error)
  }
  stream.on('data', (chunk: Buffer) => {
    if (isOver) return
    try {
      for (const frame of reader.push(chunk)) if (!isOver) listener.frame(frame)
    } catch (error) {
      over(error as Error)
    }
  })
  stream.on('end', () => over(reader.isInside ? new FrameError('the last frame is not complete') : undefined))
  stream.on('error', () => over())
  stream.on('close', () => over())
  // A server's connections come paused.
  stream.resume()
  const room = roomIn(stream)
  return {
    send: frame => (stream.destroyed || stream.writableEnded || stream.write(frame) ? done : room()),
    finish: frame => {
      isOver = true
      if (stream.destroyed || stream.writableEnded) return
      stream.end(frame)
      const timer = setTimeout(() => stream.destroy(), lastRead)
      stream.once('close', () => clearTimeout(timer))
    },
    destroy: () => stream.destroy(),
  }
}

const done = Promise.resolve()

/** Waits for room to write, or for the end of the stream. One pair of listeners serves all who wait. */
function roomIn(stream: Duplex): () => Promise<void> {
  let waiting: PromiseWithResolvers<void> | undefined
  const go = () => {
    waiting?.resolve()
    waiting = undefined
  }
  stream.on('drain', go)
  stream.on('close', go)
  return () => {
    waiting ??= Promise.withResolvers()
    return waiting.promise
  }
}
