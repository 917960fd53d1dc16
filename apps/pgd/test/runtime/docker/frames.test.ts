import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { readFrames, readText } from '../../../src/runtime/docker/frames.ts'

interface Said {
  readonly from: 'stdout' | 'stderr'
  readonly text: string
}

const frame = ({ from, text }: Said): Buffer => {
  const bytes = Buffer.from(text)
  const header = Buffer.from([from === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  for (const [index, end] of ends.entries()) yield bytes.subarray(index === 0 ? 0 : ends[index - 1], end)
}

const said = fc.array(
  fc.record({ from: fc.constantFrom('stdout', 'stderr') as fc.Arbitrary<Said['from']>, text: fc.string() }),
)
const cuts = fc.array(fc.nat(500))

t.test('what was written to each stream comes out of it, wherever the connection cuts', async t => {
  const property = fc.asyncProperty(said, cuts, async (all, cuts) => {
    const seen: Record<Said['from'], Buffer[]> = { stdout: [], stderr: [] }
    for await (const { from, bytes } of readFrames(pieces(Buffer.concat(all.map(frame)), cuts))) seen[from].push(bytes)
    return (['stdout', 'stderr'] as const).every(name => {
      const expected = all.filter(({ from }) => from === name).map(({ text }) => text)
      return Buffer.concat(seen[name]).toString() === expected.join('')
    })
  })
  await holds(t, property)
})

t.test('a connection that ends within a frame is an error', async t => {
  const property = fc.asyncProperty(said, fc.nat(), cuts, async (all, at, cuts) => {
    const whole = Buffer.concat([...all, { from: 'stdout' as const, text: 'the last' }].map(frame))
    const lengths = all.map(one => frame(one).length)
    const ends = new Set([0, ...lengths.map((_, index) => lengths.slice(0, index + 1).reduce((a, b) => a + b, 0))])
    const end = at % whole.length
    const read = readText(pieces(whole.subarray(0, end), cuts)).then(
      () => true,
      () => false,
    )
    return (await read) === ends.has(end)
  })
  await holds(t, property)
})

t.test('nothing more is read while the caller is busy', async t => {
  let given = 0
  async function* source(): AsyncGenerator<Buffer> {
    for (; given < 10; given++) yield frame({ from: 'stdout', text: 'x' })
  }
  for await (const _ of readFrames(source())) break
  t.equal(given, 0)
})

t.test('a stream that is not framed is an error', async t => {
  for (const text of ['plain text', '\x03\0\0\0\0\0\0\0', '\x01\0\x01\0\0\0\0\0']) {
    await t.rejects(readText(pieces(Buffer.from(text), [])), /not framed/)
  }
})
