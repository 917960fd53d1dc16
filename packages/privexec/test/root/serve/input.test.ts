import fc from 'fast-check'
import t from 'tap'
import { type Input, openInput } from '../../../src/root/serve/input.ts'
import { inputWindow } from '../../../src/wire/frame.ts'
import { delays, piecesOf, readSlowly, sizes } from '../../support/flow.ts'
import { listOf, settle } from '../../support/link.ts'
import { holds } from '../../support/property.ts'

/** Sends pieces as far as there is credit; resolves when all of them are sent. */
async function sendAll(input: Input, pieces: readonly Buffer[], credit: { left: number; wake: () => void }) {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      if (credit.left === 0) await new Promise<void>(resolve => (credit.wake = resolve))
      const part = piece.subarray(at, at + credit.left)
      credit.left -= part.length
      at += part.length
      if (!input.push(part)) throw new Error('refused within the credit')
    }
  }
  input.end()
}

// First, so that what other tests leave to be collected is not counted.
t.test('a window of single bytes takes little more than the window', async s => {
  const input = openInput(async () => {})
  const before = process.memoryUsage()
  for (let sent = 0; sent < inputWindow; sent++) if (!input.push(Buffer.of(sent % 251))) throw new Error('refused')
  const after = process.memoryUsage()
  input.end()
  const chunks = await listOf(input.bytes)
  s.equal(chunks.length, 16)
  s.ok(Buffer.concat(chunks).every((byte, at) => byte === at % 251))
  s.ok(after.arrayBuffers - before.arrayBuffers < 4 * inputWindow, `${after.arrayBuffers - before.arrayBuffers} bytes`)
})

t.test('all bytes come in their order, and whoever keeps to the credit is never refused', s =>
  holds(
    s,
    fc.asyncProperty(sizes, delays, async (sizes, delays) => {
      const credit = { left: inputWindow, wake: () => {} }
      const input = openInput(async bytes => {
        credit.left += bytes
        credit.wake()
      })
      const pieces = piecesOf(sizes)
      const sending = sendAll(input, pieces, credit)
      const read = await readSlowly(input.bytes, delays)
      await sending
      return read.equals(Buffer.concat(pieces))
    }),
    { numRuns: 50 },
  ),
)

t.test('credit is given in halves of the window, for what was read, and none after the end', async s => {
  const credits: number[] = []
  const input = openInput(async bytes => void credits.push(bytes))
  const quarter = Buffer.alloc(inputWindow / 4)
  for (let sent = 0; sent < 4; sent++) s.ok(input.push(quarter))
  s.notOk(input.push(Buffer.of(1)), 'the window is full')
  const reader = input.bytes[Symbol.asyncIterator]()
  const read = [await reader.next(), await reader.next()]
  s.strictSame(credits, [], 'what is being read is not read yet')
  read.push(await reader.next())
  s.strictSame(credits, [inputWindow / 2])
  s.ok(input.push(quarter) && input.push(quarter) && !input.push(Buffer.of(1)))
  input.end()
  while (!(await reader.next()).done);
  s.strictSame(credits, [inputWindow / 2])
})

t.test('nothing more is read while the sender does not take the credit', async s => {
  const taken = Promise.withResolvers<void>()
  const input = openInput(() => taken.promise)
  for (let sent = 0; sent < 4; sent++) input.push(Buffer.alloc(inputWindow / 4))
  let read = 0
  const reading = (async () => {
    for await (const chunk of input.bytes) read += chunk.length
  })()
  await settle()
  s.equal(read, inputWindow / 2)
  taken.resolve()
  input.end()
  await reading
  s.equal(read, inputWindow)
})

t.test('a sender that goes away is an error after what it sent, but not when it had said the end', async s => {
  const cut = openInput(async () => {})
  cut.push(Buffer.from('half'))
  cut.fail(new Error('gone'))
  const read: string[] = []
  await s.rejects(
    (async () => {
      for await (const chunk of cut.bytes) read.push(String(chunk))
    })(),
    { message: 'gone' },
  )
  s.strictSame(read, ['half'])
  const whole = openInput(async () => {})
  whole.push(Buffer.from('all'))
  whole.end()
  whole.fail(new Error('gone'))
  s.equal(String(Buffer.concat(await listOf(whole.bytes))), 'all')
  s.notOk(whole.push(Buffer.of(1)), 'and nothing comes after the end')
})

t.test('who waits for more is woken by bytes, by the end and by the loss of the sender', async s => {
  for (const wake of ['push', 'end', 'fail'] as const) {
    const input = openInput(async () => {})
    const next = input.bytes[Symbol.asyncIterator]().next()
    await settle()
    if (wake === 'push') input.push(Buffer.of(7))
    else if (wake === 'end') input.end()
    else input.fail(new Error('gone'))
    if (wake === 'fail') await s.rejects(next, { message: 'gone' })
    else s.equal((await next).done ?? false, wake === 'end', wake)
  }
})

t.test('a piece of the size of a block is not copied, a smaller one is, and an empty one is none', async s => {
  const input = openInput(async () => {})
  const [empty, whole, small] = [Buffer.alloc(0), Buffer.alloc(16_384, 'b'), Buffer.alloc(16_383, 'a')]
  for (const piece of [empty, whole, small]) s.ok(input.push(piece))
  input.end()
  const pieces = await listOf(input.bytes)
  s.strictSame(
    pieces.map(piece => Buffer.from(piece).toString()),
    [String(whole), String(small)],
  )
  s.strictSame(
    pieces.map(({ buffer }) => buffer === whole.buffer || buffer === small.buffer),
    [true, false],
  )
})
