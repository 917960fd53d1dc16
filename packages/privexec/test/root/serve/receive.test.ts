import { mock } from 'node:test'
import t from 'tap'
import { z } from 'zod'
import { type Conversation, receive } from '../../../src/root/serve/receive.ts'
import { encodeFrame, encodeJson, inputWindow, longestPayload } from '../../../src/wire/frame.ts'
import { messageSchemas } from '../../../src/wire/message.ts'
import { link, listOf, settle, type Talker, talker } from '../../support/link.ts'
import { useRequest } from '../support/service.ts'

const messages = messageSchemas(z)

/** A connection of which root's side only listens. */
function heard(): Talker & { readonly at: Conversation } {
  const [near, far] = link()
  return { ...talker(near, 'root'), at: receive(far, { messages }) }
}

const size = { columns: 80, rows: 24 }
const request = encodeJson('request', useRequest())
const withTerminal = encodeJson('request', useRequest({ terminal: size }))
const frames = {
  request,
  input: encodeFrame('input', Buffer.from('x')),
  'empty input': encodeFrame('input'),
  inputEnd: encodeFrame('inputEnd'),
  resize: encodeJson('resize', size),
  cancel: encodeFrame('cancel'),
}
type Sent = keyof typeof frames

const states: Record<string, { readonly before: readonly Buffer[]; readonly taken: readonly Sent[] }> = {
  'before the request': { before: [], taken: ['request'] },
  'after the request': { before: [request], taken: ['input', 'empty input', 'inputEnd'] },
  'with a terminal': { before: [withTerminal], taken: ['input', 'empty input', 'inputEnd', 'resize'] },
  'after the end of input': { before: [withTerminal, frames.inputEnd], taken: ['resize'] },
}

for (const [name, { before, taken }] of Object.entries(states)) {
  const reasons = /^The frame \w+ is not one: (?:a second request|input for|the end of input|the size of a terminal)/
  t.test(`${name}, a client may send ${taken.join(', ')} and cancel, and nothing else`, async s => {
    for (const [sent, frame] of Object.entries(frames)) {
      const { at, say } = heard()
      at.request.catch(() => {})
      say(...before, frame)
      await settle()
      const { aborted, reason } = at.signal
      if (sent === 'cancel') s.match(reason, { code: 'PRIVEXEC_CANCELLED' })
      else if (taken.includes(sent as Sent)) s.notOk(aborted, `${sent} is taken`)
      else s.match(reason, { code: 'PRIVEXEC_PROTOCOL_INVALID', message: reasons }, `${sent} is refused`)
    }
  })
}

t.test('the request is given as it was sent, and one that is none is refused with the reason', async s => {
  const good = heard()
  good.say(request)
  s.strictSame(await good.at.request, useRequest())
  const cases: [string, RegExp][] = [
    ['{', /not JSON/],
    ['{"protocol":2}', /protocol/],
    ['{"protocol":1,"protocol":1}', /a key twice/],
    ['{"protocol":1,"command":"pct.exec","input":{"__proto__":{}}}', /no plain name/],
    ['{"protocol":1,"command":"pct.exec","input":{},"argv":[]}', /there is no key "argv"/],
    ['{"protocol":1,"command":"pct.exec","input":{},"terminal":{"columns":1e999,"rows":1}}', /too large/],
    ['[]', /the message/],
  ]
  for (const [text, message] of cases) {
    const { say, at } = heard()
    say(encodeFrame('request', Buffer.from(text)))
    await s.rejects(at.request, { code: 'PRIVEXEC_PROTOCOL_INVALID', message }, text)
  }
})

t.test('bytes that are no frame end the conversation, as a frame that is cut off does', async s => {
  for (const bytes of [Buffer.of(0), Buffer.of(129), Buffer.of(1, 0, 1, 0, 1), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
    const { say, at } = heard()
    say(bytes)
    await s.rejects(at.request, { code: 'PRIVEXEC_PROTOCOL_INVALID' })
  }
  const { stream, at } = heard()
  stream.end(request.subarray(0, -1))
  await s.rejects(at.request, { code: 'PRIVEXEC_PROTOCOL_INVALID', message: 'the last frame is not complete' })
})

t.test('a client that goes away is gone, also one that has not asked yet', async s => {
  for (const leave of ['end', 'destroy'] as const) {
    const early = heard()
    early.stream[leave]()
    await s.rejects(early.at.request, { code: 'PRIVEXEC_CALLER_GONE' })
    const late = heard()
    late.say(request)
    await late.at.request
    late.stream[leave]()
    await settle()
    s.match(late.at.signal.reason, { code: 'PRIVEXEC_CALLER_GONE' })
    await s.rejects(listOf(late.at.input.bytes), { code: 'PRIVEXEC_CALLER_GONE' })
    s.strictSame(await listOf(late.at.sizes), [])
  }
})

t.test('a request that takes five seconds to arrive is refused; one that arrived may take its time', async s => {
  mock.timers.enable({ apis: ['setTimeout'] })
  s.teardown(() => mock.timers.reset())
  const slow = heard()
  slow.say(request.subarray(0, 20))
  mock.timers.tick(4999)
  s.notOk(slow.at.signal.aborted)
  mock.timers.tick(1)
  await s.rejects(slow.at.request, { code: 'PRIVEXEC_PROTOCOL_INVALID', message: /in time/ })
  const quick = heard()
  quick.say(request)
  await quick.at.request
  mock.timers.tick(60_000)
  s.notOk(quick.at.signal.aborted)
})

t.test('a request that lies there when its time is up is taken: it was this process that was late', async s => {
  mock.timers.enable({ apis: ['setTimeout'] })
  s.teardown(() => mock.timers.reset())
  const busy = heard()
  busy.say(request)
  mock.timers.tick(5000)
  await busy.at.request
  await settle()
  s.notOk(busy.at.signal.aborted)
})

t.test('frames that have no payload are refused with one', async s => {
  for (const name of ['inputEnd', 'cancel'] as const) {
    const { say, at } = heard()
    say(request, encodeFrame(name, Buffer.of(1)))
    await settle()
    s.match(at.signal.reason, { code: 'PRIVEXEC_PROTOCOL_INVALID' }, name)
  }
})

t.test('input over the credit is refused, and no more than the window was held', async s => {
  const { say, at } = heard()
  say(request)
  const full = encodeFrame('input', Buffer.alloc(longestPayload))
  for (let sent = 0; sent < inputWindow; sent += longestPayload) say(full)
  await settle()
  s.notOk(at.signal.aborted)
  say(encodeFrame('input', Buffer.of(1)))
  await settle()
  s.match(at.signal.reason, { code: 'PRIVEXEC_PROTOCOL_INVALID', message: /no credit/ })
})

t.test('after the first fault nothing more is taken', async s => {
  const { say, at } = heard()
  say(Buffer.of(0), request)
  await s.rejects(at.request, { code: 'PRIVEXEC_PROTOCOL_INVALID' })
  const { reason } = at.signal
  say(encodeFrame('cancel'))
  await settle()
  s.equal(at.signal.reason, reason)
})
