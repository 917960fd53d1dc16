/**
 * Types of the frames of the protocol of the root-side broker. A frame is its type (one byte), the length of its payload
 * (four bytes, big-endian) and the payload. Those of root's side have the highest bit set.
 */
export const frameType = {
  request: 1,
  input: 2,
  inputEnd: 3,
  resize: 4,
  cancel: 5,
  accepted: 129,
  credit: 130,
  stdout: 131,
  stderr: 132,
  started: 133,
  outcome: 134,
  refused: 135,
} as const

/** Name of a type of frame. */
export type FrameName = keyof typeof frameType

/** One frame as it was received. */
export interface Frame {
  readonly name: FrameName
  readonly payload: Buffer
}

/** Bytes of a payload at most. */
export const longestPayload = 65_536

/** Bytes of input that may be sent before root has asked for more. */
export const inputWindow = 262_144

const headLength = 5

/** The bytes of a frame. */
export function encodeFrame(name: FrameName, payload: Uint8Array = new Uint8Array()): Buffer {
  if (payload.length > longestPayload) throw new RangeError(`a frame holds at most ${longestPayload} bytes`)
  const frame = Buffer.allocUnsafe(headLength + payload.length)
  frame[0] = frameType[name]
  frame.writeUInt32BE(payload.length, 1)
  frame.set(payload, headLength)
  return frame
}

/** The frames that carry some data; none for no data. */
export function* dataFrames(name: FrameName, data: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < data.length; at += longestPayload) {
    yield encodeFrame(name, data.subarray(at, at + longestPayload))
  }
}

/** The bytes of a frame with a JSON payload. */
export const encodeJson = (name: FrameName, value: object): Buffer =>
  encodeFrame(name, Buffer.from(JSON.stringify(value)))

/** The bytes of a frame that gives credit for more bytes of input. */
export function encodeCredit(bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt32BE(bytes)
  return encodeFrame('credit', payload)
}

/** Something that is not a frame of the side that sent it. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const namesOf = (side: 'client' | 'root') =>
  new Map(
    Object.entries(frameType)
      .filter(([, type]) => type > 127 === (side === 'root'))
      .map(([name, type]) => [type as number, name as FrameName]),
  )

/** Cuts what one side sends into frames. Holds at most one frame, and copies each byte once, however small the chunks. */
export class FrameReader {
  readonly #names: ReadonlyMap<number, FrameName>
  readonly #head = Buffer.alloc(headLength)
  #headBytes = 0
  #name: FrameName = 'request'
  /** The payload that is being put together, and how much of it is there. */
  #payload: Buffer | undefined
  #payloadBytes = 0

  constructor(sender: 'client' | 'root') {
    this.#names = namesOf(sender)
  }

  /** Whether a frame has begun and is not complete. */
  get isInside(): boolean {
    return this.#headBytes > 0
  }

  /** The frames that are complete with this chunk. Throws `FrameError` for a type or a length that there is not. */
  *push(chunk: Buffer): Generator<Frame> {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#headBytes < headLength) rest = this.#addHead(rest)
      if (this.#headBytes < headLength) return
      const missing = this.#length - this.#payloadBytes
      if (rest.length < missing) {
        this.#payload ??= Buffer.allocUnsafeSlow(this.#length)
        this.#payload.set(rest, this.#payloadBytes)
        this.#payloadBytes += rest.length
        return
      }
      this.#payload?.set(rest.subarray(0, missing), this.#payloadBytes)
      const payload = this.#payload ?? rest.subarray(0, missing)
      rest = rest.subarray(missing)
      this.#headBytes = 0
      this.#payload = undefined
      this.#payloadBytes = 0
      yield { name: this.#name, payload }
    }
  }

  get #length(): number {
    return this.#head.readUInt32BE(1)
  }

  /** Adds to the head what the chunk has of it, checks it as far as it is there, and returns the rest of the chunk. */
  #addHead(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, headLength - this.#headBytes)
    this.#head.set(part, this.#headBytes)
    this.#headBytes += part.length
    const type = this.#head[0] ?? 0
    const name = this.#names.get(type)
    if (name === undefined) throw new FrameError(`there is no frame of type ${type} from this side`)
    this.#name = name
    if (this.#headBytes === headLength && this.#length > longestPayload) {
      throw new FrameError(`a frame of ${this.#length} bytes is too long`)
    }
    return chunk.subarray(part.length)
  }
}
