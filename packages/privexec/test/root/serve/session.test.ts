import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { PrivexecError } from '../../../src/errors/error.ts'
import { serve } from '../../../src/root/serve/session.ts'
import { encodeFrame, encodeJson } from '../../../src/wire/frame.ts'
import { link, settle, talker } from '../../support/link.ts'
import { asker, type Setting, serviceWith, useRequest } from '../support/service.ts'

/** A client of a new connection, and the end of its session. */
function call(setting: Setting = {}, account = asker) {
  const [near, far] = link()
  const at = serviceWith(setting)
  const served = serve(far, account, at.service)
  return { ...talker(near, 'root'), ...at, served }
}

const ask = (more: object = {}) => encodeJson('request', useRequest(more))

t.test('a request is accepted, started, and has an outcome, in this order, and the connection ends', async s => {
  const { say, json, bytes, served, closed } = call({
    play: ({ stdout, stderr, exit }) => {
      stdout.write('out')
      stderr.write('err')
      exit({ exitCode: 3 })
    },
  })
  say(ask())
  const { operation } = await json('accepted')
  s.match(operation, /^[0-9a-f]{32}$/)
  s.strictSame(await json('started'), { argv: ['/usr/bin/tool', 'use', '20001', '--', 'true'] })
  s.equal(String(await bytes('stdout')), 'out')
  s.equal(String(await bytes('stderr')), 'err')
  s.strictSame(await json('outcome'), { ended: true, recorded: true, exitCode: 3 })
  await closed
  await served
})

t.test('standard input arrives only when the request says that there is some', async s => {
  const play: Setting['play'] = async ({ stdin, stdout, exit }) => {
    for await (const chunk of stdin) stdout.write(chunk)
    exit({ exitCode: 0 })
  }
  const words = encodeFrame('input', Buffer.from('words'))
  const withInput = call({ play })
  withInput.say(ask({ stdin: true }), words, encodeFrame('inputEnd'))
  await withInput.json('accepted')
  await withInput.json('started')
  s.equal(String(await withInput.bytes('stdout')), 'words')
  s.match(await withInput.json('outcome'), { exitCode: 0 })
  const without = call({ play })
  without.say(ask(), words)
  await without.json('accepted')
  await without.json('started')
  s.match(await without.json('outcome'), { exitCode: 0 })
})

t.test('a terminal has its size and every newer one', async s => {
  const sizes: object[] = []
  const { say, json } = call({
    play: async ({ options, exit }) => {
      sizes.push({ columns: options.terminal?.columns, rows: options.terminal?.rows })
      for await (const size of options.terminal?.resizes ?? []) {
        sizes.push(size)
        exit({ exitCode: 0 })
      }
    },
  })
  say(ask({ terminal: { columns: 80, rows: 24 } }))
  await json('accepted')
  await json('started')
  say(encodeJson('resize', { columns: 100, rows: 30 }))
  s.match(await json('outcome'), { exitCode: 0 })
  s.strictSame(sizes, [
    { columns: 80, rows: 24 },
    { columns: 100, rows: 30 },
  ])
})

t.test('what is not allowed is refused before it is accepted, and recorded', async s => {
  const cases: [object, string][] = [
    [{ input: { vmid: 19_999, words: ['true'] } }, 'PRIVEXEC_OUT_OF_BOUNDS'],
    [{ input: { vmid: '20001', words: ['true'] } }, 'PRIVEXEC_ARGUMENT_INVALID'],
    [{ input: { vmid: 20_001, words: ['true'], constructor: 1 } }, 'PRIVEXEC_ARGUMENT_INVALID'],
    [{ command: 'pct.exec' }, 'PRIVEXEC_NOT_GRANTED'],
    [{ command: 'tool.put', input: { vmid: 20_001, content: 'bytes' } }, 'PRIVEXEC_ARGUMENT_INVALID'],
    [{ command: 'tool.put', input: { vmid: 20_001, content: [1] } }, 'PRIVEXEC_ARGUMENT_INVALID'],
    [{ command: 'tool.put', input: { vmid: 20_001 }, stdin: true }, 'PRIVEXEC_ARGUMENT_INVALID'],
    [{ command: 'tool.put', input: { vmid: 20_001 }, terminal: { columns: 1, rows: 1 } }, 'PRIVEXEC_ARGUMENT_INVALID'],
  ]
  for (const [more, code] of cases) {
    const { say, json, denials, served } = call()
    say(ask(more))
    s.match(await json('refused'), { code, operation: /^[0-9a-f]{32}$/ })
    await served
    s.match(denials, [{ code }])
  }
})

t.test('content is taken from frames, in the place of its field', async s => {
  const { say, json, served } = call()
  say(ask({ command: 'tool.put', input: { vmid: 20_001 } }))
  s.match(await json('accepted'), { operation: /^[0-9a-f]{32}$/ })
  say(encodeFrame('cancel'))
  await served
})

t.test('an account that is not the principal is refused', async s => {
  const { say, json } = call({}, { ...asker, isPrincipal: false })
  say(ask())
  s.match(await json('refused'), { code: 'PRIVEXEC_PEER_REFUSED' })
})

t.test('nothing is done before it is known who asks, and nothing at all when that cannot be told', async s => {
  for (const isKnown of [true, false]) {
    const [near, far] = link()
    const { service, denials } = serviceWith()
    const who = Promise.withResolvers<typeof asker>()
    const served = serve(far, who.promise, service)
    const { say, json, heard } = talker(near, 'root')
    say(ask())
    await settle()
    s.strictSame([heard.length, service.admission.gate.active], [0, 0])
    if (isKnown) who.resolve(asker)
    else who.reject(new PrivexecError('PRIVEXEC_PEER_REFUSED', 'it was closed'))
    if (isKnown) s.match(await json('accepted'), { operation: /^[0-9a-f]{32}$/ })
    else s.match(await json('refused'), { code: 'PRIVEXEC_PEER_REFUSED' })
    await served
    s.equal(denials.length, isKnown ? 0 : 1)
  }
})

t.test('a refusal fits into a frame, whatever the stranger wrote, and quotes little of it', async s => {
  const key = 'k'.repeat(65_000)
  for (const request of [
    useRequest({ input: { [key]: 1 } }),
    { protocol: 1, command: 'tool.use', input: {}, [key]: 1 },
    { protocol: 1, command: 'x'.repeat(65_000), input: {} },
    useRequest({ input: { vmid: 'v'.repeat(65_000) } }),
  ]) {
    const { say, json, served } = call()
    say(encodeJson('request', request))
    const { message, field = '' } = (await json('refused')) as { message: string; field?: string }
    s.ok(message.length < 5000 && field.length < 5000, `${message.slice(0, 60)}, ${message.length}`)
    await served
  }
})

t.test('what breaks the protocol is refused and recorded, and a flood of it is counted', async s => {
  const at = serviceWith()
  // Sixty at once, and one more each second.
  for (let turn = 0; turn < 80; turn++) {
    const [near, far] = link()
    const served = serve(far, asker, at.service)
    const { say, json, closed } = talker(near, 'root')
    say(encodeFrame('request', Buffer.from('{"protocol":1,"protocol":1}')))
    const { code, operation } = await json('refused')
    s.equal(code, 'PRIVEXEC_PROTOCOL_INVALID')
    if (turn < 60) s.ok(operation, 'an operation id is that of a record')
    await closed
    await served
  }
  s.ok(at.denials.length >= 60 && at.denials.length < 80, `${at.denials.length} records`)
  s.equal(at.warnings.length, at.denials.length)
})

t.test('a guard that does not hold says nothing of why, and one that fails does not hold', async s => {
  const answers = new Set<string>()
  for (const check of [
    async () => 'the container is not ours',
    async () => 'there is no such container',
    async () => Promise.reject(new Error('secret')),
    () => {
      throw new Error('secret')
    },
  ]) {
    const { say, json, denials, served } = call({ guarding: { check } })
    say(ask())
    await json('accepted')
    const { operation, ...answer } = await json('refused')
    s.match(operation, /^[0-9a-f]{32}$/)
    answers.add(JSON.stringify(answer))
    await served
    s.match(denials, [{ code: 'PRIVEXEC_GUARD_REFUSED', cause: { message: /^probe: / } }])
  }
  s.equal(answers.size, 1, 'the four answers are alike')
})

t.test('nothing starts without a durable intent', async s => {
  let isStarted = false
  const intent = async () => {
    throw new PrivexecError('PRIVEXEC_AUDIT_UNAVAILABLE', 'full')
  }
  const { say, json } = call({
    recorder: { intent },
    play: ({ exit }) => {
      isStarted = true
      exit({ exitCode: 0 })
    },
  })
  say(ask())
  await json('accepted')
  s.match(await json('refused'), { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' })
  s.notOk(isStarted)
})

t.test('an outcome that could not be recorded says so, with the exit status', async s => {
  const outcome: NonNullable<Setting['recorder']>['outcome'] = async (_facts, { result }) => {
    const { exitCode } = result as { exitCode: number }
    throw new PrivexecError('PRIVEXEC_AUDIT_UNAVAILABLE', 'full', { exitCode })
  }
  const { say, json } = call({ recorder: { outcome } })
  say(ask())
  await json('accepted')
  await json('started')
  s.strictSame(await json('outcome'), { ended: true, recorded: false, exitCode: 0 })
})

t.test('a mistake of this program is a lost outcome, or a refusal that tells nothing of it', async s => {
  const broken = async () => {
    throw new TypeError('x is not a function')
  }
  const late = call({ recorder: { outcome: broken } })
  late.say(ask())
  await late.json('accepted')
  await late.json('started')
  s.strictSame(await late.json('outcome'), { lost: 'the root-side broker failed', ended: false, recorded: false })
  const early = call({ recorder: { intent: broken } })
  early.say(ask())
  await early.json('accepted')
  s.match(await early.json('refused'), { code: 'PRIVEXEC_STATUS_LOST', message: 'The root-side broker failed' })
  s.match(early.warnings, [{ error: /x is not a function/ }])
})

t.test('each way in which a program can end is told apart', async s => {
  const cases: [Parameters<Parameters<NonNullable<Setting['play']>>[0]['exit']>[0], object][] = [
    [{ signal: 'SIGSEGV' }, { signal: 'SIGSEGV', ended: true, recorded: true }],
    [
      { fault: { kind: 'missing', program: '/usr/bin/tool' } },
      { missing: '/usr/bin/tool', ended: true, recorded: true },
    ],
    [{ fault: { kind: 'lost', text: 'gone' } }, { lost: 'gone', ended: false, recorded: true }],
    [{ fault: { kind: 'start', cause: new Error('no') } }, { lost: /^the program could not/, ended: true }],
  ]
  for (const [how, told] of cases) {
    const { say, json } = call({ play: ({ exit }) => exit(how) })
    say(ask())
    await json('accepted')
    await json('started')
    const outcome = await json('outcome')
    s.match(outcome, told)
    s.equal('lost' in outcome, 'lost' in told)
  }
})

t.test('cancel, the end of the connection, a broken frame and a stop end a program that runs', async s => {
  const stop = new AbortController()
  const cases: [string, (at: ReturnType<typeof call>) => void, object | undefined][] = [
    ['cancel', ({ say }) => say(encodeFrame('cancel')), { interruption: 'cancelled', signal: 'SIGKILL', ended: true }],
    ['half-close', ({ stream }) => stream.end(), { interruption: 'cancelled', ended: true }],
    ['close', ({ stream }) => stream.destroy(), undefined],
    ['broken frame', ({ say }) => say(Buffer.of(0)), { interruption: 'stopped', ended: true }],
    ['second request', ({ say }) => say(ask()), { interruption: 'stopped', ended: true }],
    [
      'stop',
      () => stop.abort(new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', 'stopped')),
      { interruption: 'stopped' },
    ],
  ]
  for (const [name, end, told] of cases) {
    const results: unknown[] = []
    const at = call({
      play: () => {},
      stop: stop.signal,
      recorder: { outcome: async (_facts, { result }) => void results.push(result) },
    })
    at.say(ask())
    await at.json('accepted')
    await at.json('started')
    end(at)
    if (told) s.match(await at.json('outcome'), told, name)
    await at.served
    s.match(results, [{ name: 'PrivexecError', ended: true }], `${name} is recorded`)
  }
})

t.test('what ends an operation that waits leaves it refused, and nothing starts', async s => {
  const gone = Promise.withResolvers<string | undefined>()
  let starts = 0
  const at = call({ guarding: { check: () => gone.promise }, play: () => starts++ })
  at.say(ask())
  await at.json('accepted')
  at.say(encodeFrame('cancel'))
  await settle()
  gone.resolve(undefined)
  s.match(await at.json('refused'), { code: 'PRIVEXEC_CANCELLED' })
  await at.served
  s.equal(starts, 0)
})

t.test('a client that reads nothing holds up the program, and its time limit ends that', async s => {
  const [near, far] = link()
  let written = 0
  const { service } = serviceWith({
    play: async ({ stdout }) => {
      const chunk = Buffer.alloc(65_536)
      for (;;) {
        if (!stdout.writable) return
        written += chunk.length
        if (!stdout.write(chunk)) await new Promise(resolve => stdout.once('drain', resolve).once('close', resolve))
      }
    },
  })
  const served = serve(far, asker, service)
  near.write(ask({ timeout: 300 }))
  await served
  s.ok(written < 2_000_000, `${written} bytes were written`)
  near.destroy()
})

t.test('operations on one object follow one another, others do not wait', async s => {
  const running: number[] = []
  const ends: (() => void)[] = []
  const { service } = serviceWith({
    play: ({ request, exit }) => {
      running.push(request.values.vmid as number)
      ends.push(() => exit({ exitCode: 0 }))
    },
  })
  const talkers = [20_001, 20_001, 20_002].map(vmid => {
    const [near, far] = link()
    serve(far, asker, service)
    const client = talker(near, 'root')
    client.say(ask({ input: { vmid, words: ['true'] } }))
    return client
  })
  for (const { json } of talkers) await json('accepted')
  await settle()
  s.strictSame(running, [20_001, 20_002])
  ends[0]?.()
  await talkers[0]?.json('started')
  await talkers[0]?.json('outcome')
  await talkers[1]?.json('started')
  s.strictSame(running, [20_001, 20_002, 20_001])
  for (const end of ends) end()
})

t.test('more requests than the policy allows in a minute are refused', async s => {
  const { service } = serviceWith({ limits: { perMinute: 2 } })
  const codes: unknown[] = []
  for (let turn = 0; turn < 3; turn++) {
    const [near, far] = link()
    const served = serve(far, asker, service)
    const { say, heard } = talker(near, 'root')
    say(ask())
    await served
    await wait(1)
    codes.push(heard.at(-1)?.name)
  }
  s.strictSame(codes, ['outcome', 'outcome', 'refused'])
})
