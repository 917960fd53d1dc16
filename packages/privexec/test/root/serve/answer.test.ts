import t from 'tap'
import { z } from 'zod'
import { PrivexecError } from '../../../src/errors/error.ts'
import type { ErrorCode } from '../../../src/errors/registry.ts'
import { errorRegistry } from '../../../src/errors/registry.ts'
import type { Result } from '../../../src/execute/result.ts'
import { outcomeOf, refusalOf } from '../../../src/root/serve/answer.ts'
import { encodeJson } from '../../../src/wire/frame.ts'
import { readJson } from '../../../src/wire/json.ts'
import { messageSchemas } from '../../../src/wire/message.ts'

const { outcome, refused } = messageSchemas(z)

t.test('every error becomes a refusal and an outcome that the protocol has and a frame holds', async s => {
  for (const code of Object.keys(errorRegistry) as ErrorCode[]) {
    const long = `\ud800${'\0'.repeat(100_000)}`
    const error = new PrivexecError(code, long, { field: long, signal: 'SIGKILL', cause: new Error('secret') })
    const answers = [encodeJson('refused', refusalOf(error)), encodeJson('outcome', outcomeOf(error, undefined))]
    const [refusal, ended] = answers.map(frame => readJson(frame.subarray(5)))
    s.ok(refused.safeParse(refusal).success && outcome.safeParse(ended).success, code)
    s.notMatch(JSON.stringify([refusal, ended]), /secret/)
  }
})

t.test('an outcome without an exit status says why there is none', async s => {
  for (const code of Object.keys(errorRegistry) as ErrorCode[]) {
    const told = outcomeOf(new PrivexecError(code, 'message'), undefined)
    s.type(told.lost, 'string', code)
  }
})

t.test('whatever ended an operation before its program did is an interruption', async s => {
  const interruption = (code: ErrorCode) =>
    outcomeOf(new PrivexecError(code, '', { exitCode: 0 }), undefined).interruption
  s.equal(interruption('PRIVEXEC_TIMED_OUT'), 'timedOut')
  s.equal(interruption('PRIVEXEC_CANCELLED'), 'cancelled')
  s.equal(interruption('PRIVEXEC_CALLER_GONE'), 'cancelled')
  s.equal(interruption('PRIVEXEC_PROTOCOL_INVALID'), 'stopped')
  s.equal(interruption('PRIVEXEC_DAEMON_UNAVAILABLE'), 'stopped')
  for (const code of ['PRIVEXEC_PROGRAM_FAILED', 'PRIVEXEC_PROGRAM_KILLED', 'PRIVEXEC_PROGRAM_MISSING'] as const) {
    s.equal(interruption(code), undefined, code)
  }
})

t.test('an answer has what is known, and nothing else', async s => {
  const { code, message } = new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', 'no')
  s.strictSame(refusalOf(new PrivexecError(code, message)), { code, message })
  s.strictSame(refusalOf(new PrivexecError(code, message, { field: 'vmid' })), { code, message, field: 'vmid' })
  const told = { ended: true, recorded: true }
  s.strictSame(outcomeOf({ exitCode: 0 } as Result, { exitCode: 0 }), { ...told, exitCode: 0 })
  const failed = (details: object) => outcomeOf(new PrivexecError('PRIVEXEC_PROGRAM_FAILED', '', details), undefined)
  s.strictSame(failed({ exitCode: 3 }), { ...told, exitCode: 3 })
  s.strictSame(failed({ signal: 'SIGKILL', ended: false }), { ended: false, recorded: true, signal: 'SIGKILL' })
  const late = new PrivexecError('PRIVEXEC_TIMED_OUT', '', { exitCode: 0 })
  s.strictSame(outcomeOf(late, undefined), { ...told, exitCode: 0, interruption: 'timedOut' })
})
