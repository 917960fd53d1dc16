import { Readable } from 'node:stream'
import { mock } from 'node:test'
import t from 'tap'
import type { Command } from '../../../src/command/command.ts'
import type { Allowed } from '../../../src/decide/decision.ts'
import { PrivexecError } from '../../../src/errors/error.ts'
import { startRemotely } from '../../../src/transport/remote/operation.ts'
import type { StartOptions } from '../../../src/transport/transport.ts'
import { encodeCredit, encodeFrame, encodeJson, inputWindow, longestPayload } from '../../../src/wire/frame.ts'
import { commandsWith, policyWith } from '../../root/support/service.ts'
import { deciderOf } from '../../support/decider.ts'
import { link, listOf, settle, talker } from '../../support/link.ts'

const decide = deciderOf(policyWith(commandsWith()))
const allowed = (id: string, input: object) => decide({ id } as Command, input) as Allowed
const use = (more: object = {}) => allowed('tool.use', { vmid: 20_001, words: ['true'], ...more })

const operation = '0123456789abcdef0123456789abcdef'
const accepted = encodeJson('accepted', { operation })
const started = encodeJson('started', { argv: ['/usr/bin/tool', 'other'] })
const outcome = (more: object = {}) => encodeJson('outcome', { ended: true, recorded: true, ...more })

const silence = new PrivexecError('PRIVEXEC_DAEMON_UNAVAILABLE', 'nobody is there')

/** An operation that was asked for, and root's side of its connection. */
function asked(request = use(), options: Partial<StartOptions> = {}) {
  const [near, far] = link()
  const root = talker(far, 'client')
  const running = startRemotely(near, request, { timeout: 60_000, ...options }, () => silence)
  running.catch(() => {})
  return { ...root, near, running }
}

/** The same, started. */
async function begun(request?: Allowed, options?: Partial<StartOptions>) {
  const at = asked(request, options)
  await at.json('request')
  at.say(accepted, started)
  return { ...at, running: await at.running }
}

t.test('the request has all that was said, and nothing that was not', async s => {
  const short = asked()
  s.strictSame(await short.json('request'), {
    protocol: 1,
    command: 'tool.use',
    input: { vmid: 20_001, words: ['true'] },
    timeout: 60_000,
  })
  const caller = { id: 'x'.repeat(5000), name: `${'x'.repeat(4095)}\u{1f600}` }
  const long = asked(use(), { terminal: { columns: 80, rows: 24 }, stdin: 'text', caller })
  s.strictSame(await long.json('request'), {
    protocol: 1,
    command: 'tool.use',
    input: { vmid: 20_001, words: ['true'] },
    timeout: 60_000,
    stdin: true,
    terminal: { columns: 80, rows: 24 },
    caller: { id: 'x'.repeat(4096), name: `${'x'.repeat(4095)}\ufffd` },
  })
})

t.test('content is not in the request; it follows when root has accepted', async s => {
  const content = Readable.from([Buffer.from('first '), Buffer.from('second')])
  const { json, bytes, say, heard } = asked(allowed('tool.put', { vmid: 20_001, content }))
  s.strictSame((await json('request')).input, { vmid: 20_001 })
  await settle()
  s.equal(heard.length, 0, 'nothing before')
  say(accepted)
  s.equal(String(await bytes('input')), 'first ')
  s.equal(String(await bytes('input')), 'second')
  await bytes('inputEnd')
})

t.test('content that cannot be read cancels the operation, and is the error', async s => {
  const content = Readable.from(
    (async function* () {
      yield Buffer.from('half')
      throw new Error('disk')
    })(),
  )
  const { json, bytes, say, running } = asked(allowed('tool.put', { vmid: 20_001, content }))
  await json('request')
  say(accepted)
  await bytes('input')
  await bytes('cancel')
  await s.rejects(running, { code: 'PRIVEXEC_STREAM_FAILED', cause: { message: 'disk' } })
})

t.test('an operation that was started has root’s id, argv, output and exit status', async s => {
  const { say, running } = await begun()
  s.strictSame(running.known, { operation, argv: ['/usr/bin/tool', 'other'] })
  say(encodeFrame('stdout', Buffer.from('out')), encodeFrame('stderr', Buffer.from('err')), outcome({ exitCode: 4 }))
  s.strictSame(await running.exited, { exitCode: 4, ended: true })
  s.equal(String(Buffer.concat(await listOf(running.stdout))), 'out')
  s.equal(String(Buffer.concat(await listOf(running.stderr))), 'err')
})

t.test('each kind of outcome becomes the exit that says the same', async s => {
  const cases: [object, object][] = [
    [{ exitCode: 0 }, { exitCode: 0, ended: true }],
    [
      { exitCode: 0, ended: false },
      { exitCode: 0, ended: false },
    ],
    [{ signal: 'SIGSEGV' }, { signal: 'SIGSEGV', ended: true }],
    [
      { interruption: 'timedOut', signal: 'SIGKILL' },
      { interruption: 'timedOut', signal: 'SIGKILL', ended: true },
    ],
    [
      { interruption: 'cancelled', exitCode: 1 },
      { interruption: 'cancelled', exitCode: 1, ended: true },
    ],
    [
      { interruption: 'stopped', exitCode: 0 },
      { signal: 'SIGKILL', ended: true },
    ],
    [
      { lost: 'why', ended: false },
      { fault: { kind: 'lost', text: 'why' }, ended: false },
    ],
    [
      { lost: 'why', ended: false, interruption: 'timedOut' },
      { fault: { kind: 'lost', text: 'why' }, ended: false, interruption: 'timedOut' },
    ],
    [{ missing: '/usr/bin/tool' }, { fault: { kind: 'missing', program: '/usr/bin/tool' }, ended: true }],
    [
      { exitCode: 0, recorded: false },
      { fault: { kind: 'unrecorded' }, ended: true },
    ],
  ]
  for (const [told, exit] of cases) {
    const { say, running } = await begun()
    say(outcome(told))
    s.strictSame(await running.exited, exit)
  }
})

t.test('a refusal is thrown as it came, before and after the operation was accepted', async s => {
  for (const before of [[], [accepted]]) {
    const { json, say, running, closed } = asked()
    await json('request')
    say(...before, encodeJson('refused', { code: 'PRIVEXEC_GUARD_REFUSED', message: 'no', field: 'vmid', operation }))
    await s.rejects(running, {
      code: 'PRIVEXEC_GUARD_REFUSED',
      message: 'no',
      field: 'vmid',
      operation,
      command: 'tool.use',
      ended: true,
    })
    await closed
  }
})

t.test('a connection that ends before an answer says so; later the operation is lost, and may be running', async s => {
  const lost = { code: 'PRIVEXEC_STATUS_LOST', operation, ended: false }
  for (const leave of ['end', 'destroy'] as const) {
    const early = asked()
    await early.json('request')
    early.stream[leave]()
    await s.rejects(early.running, { code: 'PRIVEXEC_DAEMON_UNAVAILABLE' })
    const waiting = asked()
    await waiting.json('request')
    waiting.say(accepted)
    await settle()
    waiting.stream[leave]()
    await s.rejects(waiting.running, lost)
    const late = await begun()
    late.say(encodeFrame('stdout', Buffer.from('half')))
    await settle()
    late.stream[leave]()
    s.match(await late.running.exited, { fault: { kind: 'lost' }, ended: false })
    s.equal(String(Buffer.concat(await listOf(late.running.stdout))), 'half')
    s.match(await late.running.end(), { complete: false })
  }
})

t.test('what is no frame of root’s is a lost operation', async s => {
  for (const junk of [Buffer.of(1), Buffer.of(131, 255, 255, 255, 255), encodeFrame('outcome', Buffer.from('{'))]) {
    const { say, running } = await begun()
    say(junk)
    s.match(await running.exited, { fault: { kind: 'lost' }, ended: false })
  }
})

t.test('to end an operation is to cancel it and to wait for what root says, behind all that nobody reads', async s => {
  const abort = new AbortController()
  const { bytes, say, running, heard } = await begun(use(), { signal: abort.signal })
  const endings = [running.end(), running.end()]
  abort.abort()
  await bytes('cancel')
  for (let turn = 0; turn < 10; turn++) {
    say(encodeFrame('stdout', Buffer.alloc(longestPayload)))
    await settle(2)
  }
  say(outcome({ interruption: 'cancelled', ended: true }))
  s.match(await Promise.all(endings), [{ complete: true }, { complete: true }])
  s.strictSame(
    heard.filter(({ name }) => name !== 'inputEnd'),
    [],
    'one cancel',
  )
})

t.test('root may take fifteen seconds to say how it ended; then the connection is cut', async s => {
  mock.timers.enable({ apis: ['setTimeout'] })
  s.teardown(() => mock.timers.reset())
  const { running, bytes } = await begun()
  const ending = running.end()
  await bytes('cancel')
  mock.timers.tick(15_000)
  s.match(await ending, { complete: false })
  s.match(await running.exited, { fault: { kind: 'lost' }, ended: false })
})

t.test('a signal that aborted before is no request; while root waits it is a cancel', async s => {
  const abort = new AbortController()
  const waiting = asked(use(), { signal: abort.signal })
  await waiting.json('request')
  waiting.say(accepted)
  abort.abort()
  await waiting.bytes('cancel')
  waiting.say(encodeJson('refused', { code: 'PRIVEXEC_CANCELLED', message: 'no' }))
  await s.rejects(waiting.running, { code: 'PRIVEXEC_CANCELLED' })
  const late = asked(use(), { signal: abort.signal })
  await s.rejects(late.running, { code: 'PRIVEXEC_CANCELLED' })
  await late.closed
  s.equal(late.heard.length, 0)
})

t.test('an input longer than a request may be is refused here, and the connection is closed', async s => {
  const request = use()
  const values = { ...request.values, words: ['x'.repeat(longestPayload)] }
  const { running, closed, heard } = asked({ ...request, values })
  await s.rejects(running, { code: 'PRIVEXEC_ARGUMENT_INVALID' })
  await closed
  s.equal(heard.length, 0)
})

t.test('standard input is sent within the credit, and no byte more', async s => {
  const { heard, say, running } = await begun(use(), { stdin: 'text' })
  const size = () => heard.reduce((bytes, { payload }) => bytes + payload.length, 0)
  running.stdin.end(Buffer.alloc(inputWindow + 1000, 'x'))
  await settle(50)
  s.equal(size(), inputWindow)
  say(encodeCredit(999))
  await settle()
  s.equal(size(), inputWindow + 999)
  say(encodeCredit(inputWindow))
  await settle()
  s.equal(size(), inputWindow + 1000)
  s.equal(heard.at(-1)?.name, 'inputEnd')
})

t.test('whoever still writes when the operation is over learns that nobody reads', async s => {
  const { say, running } = await begun(use(), { stdin: 'text' })
  running.stdin.write(Buffer.alloc(2 * inputWindow))
  await settle()
  say(outcome({ exitCode: 0 }))
  await running.exited
  s.ok(running.stdin.destroyed)
})

t.test('a reader who takes its time holds up root, and still gets everything', async s => {
  const { stream, running } = await begun()
  const frame = encodeFrame('stdout', Buffer.alloc(longestPayload, 'x'))
  let taken = 0
  const sending = (async () => {
    for (let turn = 0; turn < 40; turn++) {
      if (!stream.write(frame)) await new Promise<void>(resolve => stream.once('drain', () => resolve()))
      taken += 1
    }
    stream.write(outcome({ exitCode: 0 }))
  })()
  await settle(50)
  s.ok(taken < 10, `${taken} frames were taken without a reader`)
  let bytes = 0
  for await (const chunk of running.stdout) bytes += (chunk as Buffer).length
  await sending
  s.equal(bytes, 40 * longestPayload)
  s.match(await running.exited, { exitCode: 0 })
})

t.test('a stream that nobody wants does not hold up the other', async s => {
  const { stream, running, say } = await begun()
  const frame = encodeFrame('stderr', Buffer.alloc(longestPayload, 'x'))
  for (let turn = 0; turn < 10; turn++) stream.write(frame)
  running.stderr.destroy()
  say(encodeFrame('stdout', Buffer.from('words')), outcome({ exitCode: 0 }))
  s.equal(String(Buffer.concat(await listOf(running.stdout))), 'words')
  s.match(await running.exited, { exitCode: 0 })
})

t.test('sizes of the terminal follow, and sizes that fail change nothing', async s => {
  const resizes = (async function* () {
    yield { columns: 100, rows: 30 }
    throw new Error('no')
  })()
  const { json, say, running } = asked(use(), { terminal: { columns: 80, rows: 24, resizes } })
  await json('request')
  s.strictSame(await json('resize'), { columns: 100, rows: 30 })
  say(accepted, started, outcome({ exitCode: 0 }))
  s.match(await (await running).exited, { exitCode: 0 })
})
