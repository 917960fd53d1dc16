import { Duplex } from 'node:stream'
import { mock } from 'node:test'
import t from 'tap'
import { type Channel, openChannel } from '../../src/wire/channel.ts'
import { encodeFrame, FrameError, inputWindow, longestPayload } from '../../src/wire/frame.ts'
import { link, settle } from '../support/link.ts'

/** Root's end of a connection, with what it was told. */
function opened(paused = false) {
  const [near, far] = link()
  if (paused) far.pause()
  const told: string[] = []
  const ends: (Error | undefined)[] = []
  const channel: Channel = openChannel(far, 'client', {
    frame: ({ name, payload }) => told.push(`${name} ${payload.length}`),
    end: error => ends.push(error),
  })
  return { near, far, told, ends, channel }
}

const input = encodeFrame('input', Buffer.from('abc'))

t.test('frames are told in their order, from a stream that came paused too', async s => {
  for (const paused of [false, true]) {
    const { near, told, ends } = opened(paused)
    near.write(Buffer.concat([input, encodeFrame('inputEnd')]))
    near.write(encodeFrame('cancel'))
    await settle()
    s.strictSame(told, ['input 3', 'inputEnd 0', 'cancel 0'])
    s.strictSame(ends, [])
  }
})

t.test('the end is told once, however the other side ends', async s => {
  for (const end of ['end', 'destroy'] as const) {
    const { near, ends } = opened()
    near[end]()
    await settle()
    near.destroy()
    await settle()
    s.strictSame(ends, [undefined], end)
  }
})

t.test('who cuts the connection itself is told of the end too', async s => {
  const { far, ends } = opened()
  far.destroy()
  await settle()
  s.strictSame(ends, [undefined])
})

t.test('a listener that has said the last word hears nothing more, also of the same chunk', async s => {
  const [near, far] = link()
  let heard = 0
  const channel = openChannel(far, 'client', {
    frame: () => {
      heard += 1
      channel.finish(encodeFrame('refused'))
    },
    end: () => {},
  })
  near.write(Buffer.concat([input, input]))
  await settle()
  s.equal(heard, 1)
})

t.test('half a frame, a wrong type and a wrong length end it, and nothing is told after that', async s => {
  const half = opened()
  half.near.end(input.subarray(0, 6))
  await settle()
  s.ok(half.ends[0] instanceof FrameError)
  for (const wrong of [Buffer.of(99), Buffer.of(2, 255, 255, 255, 255)]) {
    const { near, told, ends } = opened()
    near.write(Buffer.concat([input, wrong]))
    near.write(input)
    await settle()
    near.end()
    await settle()
    s.strictSame([told, ends.length, ends[0] instanceof FrameError], [['input 3'], 1, true])
  }
})

t.test('a listener that throws ends it with its error', async s => {
  const [near, far] = link()
  const ends: (Error | undefined)[] = []
  openChannel(far, 'client', {
    frame: () => {
      throw new RangeError('no')
    },
    end: error => ends.push(error),
  })
  near.write(Buffer.concat([input, input]))
  await settle()
  s.match(ends, [{ message: 'no' }])
  s.equal(ends.length, 1)
})

t.test('whoever sends waits while the other side reads nothing, all of them with one listener', async s => {
  const { near, far, channel } = opened()
  const data = encodeFrame('stdout', Buffer.alloc(longestPayload))
  let sent = 0
  const sending = Promise.all(
    Array.from({ length: 50 }, async () => {
      await channel.send(data)
      sent += 1
    }),
  )
  await settle()
  s.equal(sent, 0)
  s.ok(far.listenerCount('drain') < 5 && far.listenerCount('close') < 10)
  near.resume()
  await sending
  s.equal(sent, 50)
})

t.test('a sender does not wait for one who is gone', async s => {
  const { near, channel } = opened()
  const data = encodeFrame('stdout', Buffer.alloc(longestPayload))
  const waiting = Promise.all(Array.from({ length: 10 }, () => channel.send(data)))
  near.destroy()
  await waiting
  await channel.send(data)
  channel.finish(data)
  s.pass('all have returned')
})

t.test('after the last frame nothing is told or sent, and what still comes is thrown away', async s => {
  const { near, told, ends, channel } = opened()
  const read: Buffer[] = []
  near.on('data', (chunk: Buffer) => read.push(chunk))
  channel.finish(encodeFrame('outcome'))
  await channel.send(encodeFrame('stdout'))
  channel.finish(encodeFrame('refused'))
  for (let bytes = 0; bytes < 4 * inputWindow; bytes += input.length * 1000) {
    near.write(Buffer.concat(Array.from({ length: 1000 }, () => input)))
  }
  await settle()
  s.strictSame(Buffer.concat(read), encodeFrame('outcome'))
  s.strictSame([told, ends], [[], []])
})

t.test('who does not take the last frame is left after five seconds', async s => {
  mock.timers.enable({ apis: ['setTimeout'] })
  s.teardown(() => mock.timers.reset())
  // A connection that takes no byte and says nothing.
  const stuck = new Duplex({ read: () => {}, write: () => {} })
  const channel = openChannel(stuck, 'client', { frame: () => {}, end: () => {} })
  channel.finish(encodeFrame('outcome'))
  mock.timers.tick(4999)
  s.notOk(stuck.destroyed)
  mock.timers.tick(1)
  s.ok(stuck.destroyed)
})
