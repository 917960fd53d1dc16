import { Duplex } from 'node:stream'
import { type FrameName, FrameReader } from '../../packages/privexec/src/wire/frame.ts'

/** One end of a connection that is not one: what is pushed is what the other side sent. */
export class Connection extends Duplex {
  readonly #written: Buffer[] = []

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written.push(chunk)
    done()
  }

  /** Payload of the only frame that our side has sent; throws when it is another, or there are more. */
  payload(sender: 'client' | 'root', name: FrameName): Buffer {
    const frames = [...new FrameReader(sender).push(Buffer.concat(this.#written))]
    const [frame] = frames
    if (frames.length !== 1 || frame?.name !== name) throw new Error(`unexpected: ${frames.map(({ name }) => name)}`)
    return frame.payload
  }
}
