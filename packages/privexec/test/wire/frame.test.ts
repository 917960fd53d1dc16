import fc from 'fast-check'
import t from 'tap'
import {
  dataFrames,
  encodeCredit,
  encodeFrame,
  encodeJson,
  type Frame,
  FrameError,
  type FrameName,
  FrameReader,
  frameType,
  longestPayload,
} from '../../src/wire/frame.ts'
import { holds } from '../support/property.ts'

const names = Object.keys(frameType) as FrameName[]
const namesOf = (side: 'client' | 'root') => names.filter(name => frameType[name] > 127 === (side === 'root'))

const side = fc.constantFrom<'client' | 'root'>('client', 'root')
const payload = fc.uint8Array({ maxLength: 40 })
/** What one side sends: frames, and the sizes of the chunks in which they arrive. */
const sent = side.chain(from =>
  fc.record({
    from: fc.constant(from),
    frames: fc.array(fc.record({ name: fc.constantFrom(...namesOf(from)), payload }), { maxLength: 12 }),
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
  }),
)

function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    // A copy, as a socket gives one.
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
}

const plain = ({ name, payload }: Frame) => ({ name, payload: [...payload] })

t.test('frames are the same however the bytes are cut into chunks', s =>
  holds(
    s,
    fc.property(sent, ({ from, frames, sizes }) => {
      const bytes = Buffer.concat(frames.map(({ name, payload }) => encodeFrame(name, payload)))
      const reader = new FrameReader(from)
      const read = [...chunksOf(bytes, sizes)].flatMap(chunk => [...reader.push(chunk)])
      return !reader.isInside && JSON.stringify(read.map(plain)) === JSON.stringify(frames.map(f => plain(f as Frame)))
    }),
  ),
)

t.test('what is cut off inside a frame is known to be inside of one', s =>
  holds(
    s,
    fc.property(sent, fc.nat(), ({ from, frames }, place) => {
      const encoded = frames.map(({ name, payload }) => encodeFrame(name, payload))
      const bytes = Buffer.concat(encoded)
      const cut = place % (bytes.length + 1)
      const reader = new FrameReader(from)
      const read = [...reader.push(bytes.subarray(0, cut))]
      const ends = encoded.map((_, index) => Buffer.concat(encoded.slice(0, index + 1)).length)
      return read.length === ends.filter(end => end <= cut).length && reader.isInside === ![0, ...ends].includes(cut)
    }),
  ),
)

t.test('junk makes no frame but one that its own bytes spell', s =>
  holds(
    s,
    fc.property(side, fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1 }), (from, chunks) => {
      const reader = new FrameReader(from)
      const read: Frame[] = []
      try {
        for (const chunk of chunks) read.push(...reader.push(Buffer.from(chunk)))
      } catch (error) {
        if (!(error instanceof FrameError)) return false
      }
      const spelled = Buffer.concat(read.map(({ name, payload }) => encodeFrame(name, payload)))
      const isFromSide = read.every(({ name }) => namesOf(from).includes(name))
      return isFromSide && Buffer.concat(chunks).subarray(0, spelled.length).equals(spelled)
    }),
    { numRuns: 1000 },
  ),
)

t.test('a type that the side does not send is refused at its first byte', async s => {
  for (const from of ['client', 'root'] as const) {
    const own = namesOf(from).map(name => frameType[name] as number)
    for (let type = 0; type < 256; type++) {
      if (own.includes(type)) continue
      const reader = new FrameReader(from)
      if (!throwsFrameError(() => [...reader.push(Buffer.of(type))])) s.fail(`type ${type} of ${from}`)
    }
  }
  s.pass('all others')
})

t.test('a length over the limit is refused when the head is there, before a byte of the payload is', async s => {
  for (const length of [longestPayload + 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const head = Buffer.alloc(5)
    head[0] = frameType.input
    head.writeUInt32BE(length, 1)
    const reader = new FrameReader('client')
    s.ok(
      throwsFrameError(() => [...reader.push(head)]),
      `${length} bytes`,
    )
  }
})

t.test('the longest payload is taken, byte by byte too, and copied once', async s => {
  const data = Buffer.alloc(longestPayload, 'x')
  const bytes = encodeFrame('input', data)
  const reader = new FrameReader('client')
  let read: Frame | undefined
  for (let at = 0; at < bytes.length; at++) [read] = [...reader.push(bytes.subarray(at, at + 1))]
  s.ok(read?.payload.equals(data))
  const [whole] = [...new FrameReader('client').push(bytes)]
  s.equal(whole?.payload.buffer, bytes.buffer, 'and not at all when it comes in one chunk')
})

t.test('a payload that is too long cannot be sent', async s => {
  s.throws(() => encodeFrame('input', new Uint8Array(longestPayload + 1)), RangeError)
  s.throws(() => encodeJson('refused', { message: 'x'.repeat(longestPayload) }), RangeError)
})

t.test('data is sent in frames of the longest payload, and no data in none', async s => {
  const sizes = (length: number) => [...dataFrames('stdout', new Uint8Array(length))].map(frame => frame.length - 5)
  s.strictSame(sizes(0), [])
  s.strictSame(sizes(1), [1])
  s.strictSame(sizes(longestPayload), [longestPayload])
  s.strictSame(sizes(2 * longestPayload + 7), [longestPayload, longestPayload, 7])
})

t.test('numbers are big-endian', async s => {
  s.strictSame([...encodeCredit(0x01020304)], [130, 0, 0, 0, 4, 1, 2, 3, 4])
  s.strictSame([...encodeFrame('cancel')], [5, 0, 0, 0, 0])
})

function throwsFrameError(action: () => unknown): boolean {
  try {
    action()
    return false
  } catch (error) {
    return error instanceof FrameError
  }
}
