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

/** Cuts what one side sends into frames. Holds less than one frame of bytes. */
export class FrameReader {
  readonly #names: ReadonlyMap<number, FrameName>
  #rest: Buffer = Buffer.alloc(0)

  constructor(sender: 'client' | 'root') {
    this.#names = namesOf(sender)
  }

  /** Whether a frame has begun and is not complete. */
  get isInside(): boolean {
    return this.#rest.length > 0
  }

  /** The frames that are complete with this chunk. Throws `FrameError` for a type or a length that there is not. */
  *push(chunk: Buffer): Generator<Frame> {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = Buffer.alloc(0)
    while (data.length > 0) {
      const name = this.#names.get(data[0] ?? 0)
      if (name === undefined) throw new FrameError(`there is no frame of type ${data[0]} from this side`)
      if (data.length < headLength) break
      const length = data.readUInt32BE(1)
      if (length > longestPayload) throw new FrameError(`a frame of ${length} bytes is too long`)
      if (data.length < headLength + length) break
      yield { name, payload: data.subarray(headLength, headLength + length) }
      data = data.subarray(headLength + length)
    }
    // A copy, since the chunk is far larger than what is left of it.
    this.#rest = Buffer.from(data)
  }
}
