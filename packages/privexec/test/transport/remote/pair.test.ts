import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { brokerOf } from '../../../src/broker/broker.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { silentRecorder } from '../../../src/broker/recorder.ts'
import type { Command } from '../../../src/command/command.ts'
import { openInput } from '../../../src/root/serve/input.ts'
import { serve } from '../../../src/root/serve/session.ts'
import { InputSender } from '../../../src/transport/remote/input.ts'
import { startRemotely } from '../../../src/transport/remote/operation.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { openChannel } from '../../../src/wire/channel.ts'
import { encodeCredit, inputWindow } from '../../../src/wire/frame.ts'
import { asker, commandsWith, type Setting, serviceWith } from '../../root/support/service.ts'
import { delays, piecesOf, readSlowly, sizes } from '../../support/flow.ts'
import { link, settle } from '../../support/link.ts'
import { holds } from '../../support/property.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that somebody still needs: without collecting first, the figure would be the collector's idleness. */
function held(): number {
  collectGarbage()
  const { external, heapUsed } = process.memoryUsage()
  return external + heapUsed
}

/** A client's broker whose root side is in this process, behind a connection in memory. */
function pair(setting: Setting = {}) {
  const { service, denials } = serviceWith(setting)
  const { policy, decide } = service
  const transport: Transport = {
    name: 'daemon',
    mayWait: true,
    hasTerminals: true,
    start: (request, _policy, options) => {
      const [near, far] = link()
      serve(far, asker, service)
      return startRemotely(near, request, options, () => new Error('lost'))
    },
  }
  const broker = brokerOf({
    policy,
    decide,
    recorder: silentRecorder,
    transport,
    account: asker,
    logger: silentLogger,
  })
  return { broker, denials, gate: service.admission.gate }
}

const use = commandsWith()[0] as Command
const input = { vmid: 20_001, words: ['true'] }

t.test('sender and receiver bring all bytes over in order, and never hold more than the window', s =>
  holds(
    s,
    fc.asyncProperty(sizes, delays, async (sizes, delays) => {
      const [near, far] = link()
      const sender: InputSender = new InputSender(
        openChannel(near, 'root', {
          frame: ({ payload }) => sender.addCredit(payload.readUInt32BE()),
          end: () => {},
        }),
      )
      let held = 0
      let most = 0
      let isRefused = false
      const received = openInput(bytes => root.send(encodeCredit(bytes)))
      const root = openChannel(far, 'client', {
        frame: ({ name, payload }) => {
          if (name === 'inputEnd') received.end()
          else if (!received.push(payload)) isRefused = true
          held += payload.length
          most = Math.max(most, held)
        },
        end: () => {},
      })
      const pieces = piecesOf(sizes)
      const sending = pipeline(Readable.from(pieces), sender)
      const read = await readSlowly(received.bytes, delays, length => {
        held -= length
      })
      await sending
      near.destroy()
      return !isRefused && most <= inputWindow && read.equals(Buffer.concat(pieces))
    }),
    { numRuns: 40 },
  ),
)

t.test('a caller sees the result as if the program were its own', async s => {
  const { broker } = pair({
    play: async ({ stdin, stdout, stderr, exit }) => {
      for await (const chunk of stdin) stdout.write(chunk)
      stderr.write('words')
      exit({ exitCode: 0 })
    },
  })
  const result = await broker.run(use, input, { stdin: 'text' })
  s.match(result, {
    exitCode: 0,
    stdout: 'text',
    stderr: 'words',
    argv: ['/usr/bin/tool', 'use', '20001', '--', 'true'],
  })
})

t.test(
  'a failure, a refusal, a cancellation and a time limit are the errors that they are without a connection',
  async s => {
    const failing = pair({ play: ({ exit }) => exit({ exitCode: 7 }) })
    await s.rejects(failing.broker.run(use, input), { code: 'PRIVEXEC_PROGRAM_FAILED', exitCode: 7 })
    const guarded = pair({ guarding: { check: async () => 'no' } })
    const refusal = { code: 'PRIVEXEC_GUARD_REFUSED', operation: /^[0-9a-f]{32}$/ }
    await s.rejects(guarded.broker.run(use, input), refusal)
    const missing = pair({ play: ({ exit }) => exit({ fault: { kind: 'missing', program: '/usr/bin/tool' } }) })
    const absent = { code: 'PRIVEXEC_PROGRAM_MISSING', message: 'tool.use: /usr/bin/tool is not installed' }
    await s.rejects(missing.broker.run(use, input), absent)
    const lost = pair({ play: ({ exit }) => exit({ fault: { kind: 'lost', text: 'gone' } }) })
    const unknown = {
      code: 'PRIVEXEC_STATUS_LOST',
      message: 'tool.use: it is not known how the program ended: gone',
      ended: false,
    }
    await s.rejects(lost.broker.run(use, input), unknown)
    const { broker, gate } = pair({ play: () => {} })
    const ended = { ended: true, signal: 'SIGKILL' }
    const late = broker.run(use, input, { timeout: 50 })
    await s.rejects(late, { code: 'PRIVEXEC_TIMED_OUT', ...ended })
    const abort = new AbortController()
    const running = broker.run(use, input, { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await s.rejects(running, { code: 'PRIVEXEC_CANCELLED', ...ended })
    s.equal(gate.active, 0)
  },
)

t.test('a callback that fails ends the operation on root’s side', async s => {
  const { broker, gate } = pair({ play: ({ stdout }) => stdout.write('words') })
  const onStdout = () => {
    throw new Error('full')
  }
  await s.rejects(broker.run(use, input, { onStdout }), {
    code: 'PRIVEXEC_STREAM_FAILED',
    ended: true,
  })
  s.equal(gate.active, 0)
})

t.test('a program that reads nothing and ends is no error of an endless standard input', async s => {
  const { broker } = pair()
  let isReturned = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield Buffer.alloc(65_536)
        await settle(1)
      }
    } finally {
      isReturned = true
    }
  }
  s.match(await broker.run(use, input, { stdin: endless() }), { exitCode: 0 })
  await settle(50)
  s.ok(isReturned)
})

t.test('200 megabytes go through in both directions, and memory stays flat', async s => {
  const total = 200_000_000
  const { broker } = pair({
    play: async ({ stdin, stdout, exit }) => {
      await pipeline(stdin, stdout, { end: false })
      exit({ exitCode: 0 })
    },
  })
  const block = Buffer.alloc(100_000, 'x')
  let most = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < total; sent += block.length) yield block
  }
  const before = held()
  let bytes = 0
  let looked = 0
  const onStdout = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes - looked < total / 20) return
    looked = bytes
    most = Math.max(most, held() - before)
  }
  await broker.run(use, input, { stdin: source(), onStdout })
  s.equal(bytes, total)
  // What is held at once are a few windows.
  s.ok(most < 50_000_000, `${Math.round(most / 1e6)} MB more at most`)
})

t.test('operations by the thousand leave nothing behind', async s => {
  const { broker, gate } = pair({ limits: { perMinute: 1_000_000 } })
  const warnings: string[] = []
  const hear = (warning: Error) => warnings.push(warning.name)
  process.on('warning', hear)
  s.teardown(() => process.off('warning', hear))
  const many = async (count: number) => {
    for (let done = 0; done < count; done += 10) {
      const vmids = Array.from({ length: 10 }, (_, at) => 20_000 + at)
      await Promise.all(vmids.map(vmid => broker.run(use as never, { ...input, vmid } as never)))
    }
  }
  await many(1000)
  s.strictSame([gate.active, gate.locks.size], [0, 0])
  s.strictSame(warnings, [])
})
