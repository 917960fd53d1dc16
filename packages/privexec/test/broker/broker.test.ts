import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import t from 'tap'
import type { Recorder } from '../../src/broker/recorder.ts'
import { PrivexecError } from '../../src/errors/error.ts'
import { createBroker, parsePolicy, pctExec, pctPush, zfsMount } from '../../src/index.ts'
import { type Answers, recordingTransport, testBroker } from '../../src/testing/index.ts'
import type { Transport } from '../../src/transport/transport.ts'

const policy = await parsePolicy(`
policy: appstore
summary: Containers of the app store
principal: { user: appstore }
audit: { file: /nowhere/audit.jsonl }
grants:
  - { command: pct.exec, where: { vmid: 20000-20999 }, timeout: 10m }
  - { command: pct.push, where: { vmid: 20000-20999, below: [/opt] }, timeout: 1m }
`)

const broker = (answers: Answers = {}) => testBroker(policy, recordingTransport(answers))
const input = { vmid: 20001, command: ['apt-get', 'update'] } as const

/** A recorder that keeps what it was told, in order. */
function listing(fail: keyof Recorder | undefined = undefined) {
  const order: string[] = []
  const note = (what: keyof Recorder) => async () => {
    if (fail === what) throw new Error('disk full')
    order.push(what)
  }
  const recorder: Recorder = {
    intent: note('intent'),
    outcome: note('outcome'),
    denial: note('denial'),
    close: note('close'),
  }
  return { order, recorder }
}

t.test('a successful run gives the output, the argv and the exit code', async t => {
  const transport = recordingTransport({ 'pct.exec': { stdout: 'done\n', stderr: 'note\n' } })
  const result = await (await testBroker(policy, transport)).run(pctExec, input)
  t.match(result, { command: 'pct.exec', exitCode: 0, stdout: 'done\n', stderr: 'note\n' })
  t.same(result.argv.slice(-2), ['apt-get', 'update'])
  t.equal(transport.calls.length, 1)
})

t.test('a request outside the policy never reaches the transport', async t => {
  const transport = recordingTransport()
  const one = await testBroker(policy, transport)
  await t.rejects(one.run(pctExec, { ...input, vmid: 104 }), {
    code: 'PRIVEXEC_OUT_OF_BOUNDS',
    field: 'vmid',
    isRefused: true,
  })
  await t.rejects(one.run(zfsMount, { dataset: 'tank/a' }), { code: 'PRIVEXEC_NOT_GRANTED' })
  await t.rejects(one.run(pctExec, { vmid: 20001, command: ['a\n'] }), {
    code: 'PRIVEXEC_ARGUMENT_INVALID',
    field: 'command[0]',
  })
  t.equal(transport.calls.length, 0)
})

t.test('a side that keeps the time says itself that it is up, and is not cancelled at that moment', async t => {
  const late = new PrivexecError('PRIVEXEC_TIMED_OUT', 'too late')
  let wasCancelled: boolean | undefined
  const transport: Transport = {
    name: 'slow',
    mayWait: true,
    start: async (_request, _policy, { signal }) => {
      await delay(60)
      wasCancelled = signal?.aborted
      throw late
    },
  }
  await t.rejects((await testBroker(policy, transport)).run(pctExec, input, { timeout: 20 }), late)
  t.equal(wasCancelled, false)
})

t.test('decide gives the answer of run without running', async t => {
  const one = await broker()
  t.match(one.decide(pctExec, input), { allowed: true, labels: { vmid: 20001 } })
  t.match(one.decide(pctExec, { ...input, vmid: 1 }), { allowed: false, error: { field: 'vmid' } })
})

t.test('the intent is recorded before the transport starts, the outcome after', async t => {
  const { order, recorder } = listing()
  const transport = recordingTransport(() => {
    order.push('start')
    return {}
  })
  const one = await createBroker({ policy, transport, audit: recorder })
  await one.run(pctExec, input)
  await t.rejects(one.run(pctExec, { ...input, vmid: 1 }))
  t.same(order, ['intent', 'start', 'outcome', 'denial'])
})

t.test('nothing runs when the intent cannot be recorded', async t => {
  const transport = recordingTransport()
  const one = await createBroker({ policy, transport, audit: listing('intent').recorder })
  await t.rejects(one.run(pctExec, input), { message: 'disk full' })
  t.equal(transport.calls.length, 0)
})

t.test('operational messages go to a pino logger, without the arguments', async t => {
  const lines: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
  const one = await createBroker({ policy, transport: recordingTransport(), audit: listing().recorder, logger })
  await one.run(pctExec, { vmid: 20001, command: ['login', 'canary'] })
  t.match(lines.join(''), /operation ended/)
  t.notMatch(lines.join(''), /canary/)
})

t.test('a failure of the program is told by its exit code and its words', async t => {
  const one = await broker({ 'pct.exec': { exitCode: 255, stderr: "container '20001' not running!\n" } })
  await t.rejects(one.run(pctExec, input), {
    code: 'PRIVEXEC_PROGRAM_FAILED',
    failure: 'notRunning',
    exitCode: 255,
    isFailed: true,
    isTimedOut: false,
  })
})

t.test('pct push that exits 0 and complains has failed', async t => {
  const stderr = 'failed to create file: /opt/a/b: No such file or directory\n'
  const one = await broker({ 'pct.push': { stderr } })
  const push = { vmid: 20001, content: Buffer.from('x'), destination: '/opt/a/b' }
  await t.rejects(one.run(pctPush, push), { code: 'PRIVEXEC_PROGRAM_FAILED', failure: 'cannotCreate', exitCode: 0 })
})

t.test('content and standard input arrive as bytes', async t => {
  const transport = recordingTransport()
  const one = await testBroker(policy, transport)
  await one.run(pctPush, { vmid: 20001, content: Buffer.from([0, 255]), destination: '/opt/a' })
  await one.run(pctExec, { vmid: 20001, command: ['cat'] }, { stdin: 'hello' })
  t.same(transport.calls[0]?.content, Buffer.from([0, 255]))
  t.equal(Buffer.concat(transport.calls[1]?.stdin ?? []).toString(), 'hello')
})

t.test('standard input, a path for content, and a bad timeout are refused with their field', async t => {
  const one = await broker()
  const push = { vmid: 20001, content: Buffer.from(''), destination: '/opt/a' }
  const code = 'PRIVEXEC_ARGUMENT_INVALID'
  await t.rejects(one.run(pctPush, push, { stdin: 'x' }), { code, field: 'stdin' })
  await t.rejects(one.run(pctPush, { ...push, content: '/etc/shadow' as never }), { code, field: 'content' })
  await t.rejects(one.run(pctExec, input, { timeout: Number.NaN }), { code, field: 'timeout' })
})

t.test('a time limit and a cancel end the operation and say so', async t => {
  const one = await broker({ 'pct.exec': { hangs: true } })
  await t.rejects(one.run(pctExec, input, { timeout: 20 }), { code: 'PRIVEXEC_TIMED_OUT', ended: true })
  const controller = new AbortController()
  setTimeout(() => controller.abort('enough'), 20)
  await t.rejects(one.run(pctExec, input, { signal: controller.signal }), {
    code: 'PRIVEXEC_CANCELLED',
    isCancelled: true,
    cause: 'enough',
  })
  await t.rejects(one.run(pctExec, input, { signal: AbortSignal.abort() }), { code: 'PRIVEXEC_CANCELLED' })
})

t.test('output above the limit ends the operation, but not where a callback takes it', async t => {
  const one = await broker({ 'pct.exec': { stdout: 'x'.repeat(1000) } })
  await t.rejects(one.run(pctExec, input, { maxOutput: 999 }), { code: 'PRIVEXEC_OUTPUT_LIMIT', isOutputLimited: true })
  let bytes = 0
  const result = await one.run(pctExec, input, {
    onStdout: chunk => {
      bytes += chunk.length
    },
  })
  t.equal(bytes, 1000)
  t.equal(result.stdout, '')
})

t.test('an error of a callback ends the operation and is its cause', async t => {
  const one = await broker({ 'pct.exec': { stdout: 'x', hangs: true } })
  const cause = new Error('my own')
  const onStdout = () => {
    throw cause
  }
  await t.rejects(one.run(pctExec, input, { onStdout }), { code: 'PRIVEXEC_STREAM_FAILED', cause })
})

t.test('a callback that never returns does not outlast a cancel', async t => {
  const one = await broker({ 'pct.exec': { stdout: 'x' } })
  const controller = new AbortController()
  const onStdout = () => {
    controller.abort('enough')
    return new Promise<void>(() => {})
  }
  await t.rejects(one.run(pctExec, input, { onStdout, signal: controller.signal }), { code: 'PRIVEXEC_CANCELLED' })
})

t.test('a lost exit status is a failure and not a success', async t => {
  const one = await broker({ 'pct.exec': { fault: { kind: 'lost', text: 'gone' } } })
  await t.rejects(one.run(pctExec, input), { code: 'PRIVEXEC_STATUS_LOST', isLost: true })
})

t.test('each fault of a transport has its own code', async t => {
  const codes = {
    PRIVEXEC_SUDO_REFUSED: { kind: 'refused' },
    PRIVEXEC_SUDO_MISSING: { kind: 'no-privileges', text: 'x' },
    PRIVEXEC_PROGRAM_MISSING: { kind: 'missing', program: '/usr/sbin/pct' },
  } as const
  for (const [code, fault] of Object.entries(codes)) {
    const one = await broker({ 'pct.exec': { fault } })
    await t.rejects(one.run(pctExec, input), { code })
  }
  const killed = await broker({ 'pct.exec': { signal: 'SIGSEGV' } })
  await t.rejects(killed.run(pctExec, input), { code: 'PRIVEXEC_PROGRAM_KILLED', signal: 'SIGSEGV' })
})
