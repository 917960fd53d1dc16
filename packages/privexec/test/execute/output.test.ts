import { Readable } from 'node:stream'
import t from 'tap'
import { readOutput } from '../../src/execute/output.ts'

const ways = { collected: undefined, 'handed over': () => {} }

for (const [name, onChunk] of Object.entries(ways)) {
  t.test(`output that is ${name} is counted, and its last 64 KiB are kept`, async s => {
    const chunks = ['a', 'b', 'é'].map(text => Buffer.from(text.repeat(50_000)))
    let counted = 0
    const output = await readOutput(Readable.from(chunks), onChunk, bytes => {
      counted += bytes
    })
    s.equal(output.bytes, 200_000)
    s.equal(counted, 200_000)
    s.equal(output.text.length, onChunk ? 0 : 150_000)
    s.equal(output.tail, 'é'.repeat(32_768))
  })

  t.test(`output that is ${name} ends where the stream is destroyed, before or meanwhile`, async s => {
    const gone = Readable.from([Buffer.from('text')])
    gone.destroy()
    s.equal((await readOutput(gone, onChunk, () => {})).bytes, 0)
    const open = new Readable({ read: () => {} })
    const reading = readOutput(open, onChunk, () => open.destroy())
    open.push(Buffer.from('text'))
    s.equal((await reading).bytes, 4)
  })

  t.test(`an error of a stream that is ${name} is the reader's error`, async s => {
    const failing = new Readable({ read: () => failing.destroy(new Error('broken')) })
    await s.rejects(
      readOutput(failing, onChunk, () => {}),
      { message: 'broken' },
    )
  })
}

t.test('a callback takes one chunk at a time', async s => {
  const seen: string[] = []
  const onChunk = async (chunk: Buffer): Promise<void> => {
    seen.push(`begin ${chunk}`)
    await new Promise(setImmediate)
    seen.push(`end ${chunk}`)
  }
  await readOutput(Readable.from([Buffer.from('1'), Buffer.from('2')]), onChunk, () => {})
  s.strictSame(seen, ['begin 1', 'end 1', 'begin 2', 'end 2'])
})

t.test('an error of the callback is an error, also when its own stream was closed', async s => {
  const closed = Object.assign(new Error('no reader'), { code: 'EPIPE' })
  const reading = readOutput(
    Readable.from([Buffer.from('1')]),
    () => Promise.reject(closed),
    () => {},
  )
  await s.rejects(reading, { message: 'no reader' })
})
