import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { AuditFacts } from '../../../src/audit/record.ts'
import type { Logger } from '../../../src/broker/logger.ts'
import { PrivexecError } from '../../../src/errors/error.ts'
import { recordRefusal } from '../../../src/root/serve/deny.ts'
import type { Asker } from '../../../src/root/serve/service.ts'
import { asker, serviceWith } from '../support/service.ts'

/** A service whose clock, records and warnings are those of the test. */
function scene(s: Test) {
  let now = 0
  const clock = mock.method(performance, 'now', () => now)
  s.teardown(() => clock.mock.restore())
  const records: { facts: AuditFacts; error: PrivexecError }[] = []
  const warnings: [object, string | undefined][] = []
  const { service } = serviceWith({
    recorder: { denial: async (facts, error) => void records.push({ facts, error }) },
  })
  const logger: Logger = { debug: () => {}, warn: (...line) => void warnings.push(line) }
  const refuse = (cause: unknown, who: Asker = asker) => recordRefusal({ ...service, logger }, who, cause)
  const wait = (milliseconds: number) => {
    now += milliseconds
  }
  return { service, records, warnings, refuse, wait }
}

const invalid = () => new PrivexecError('PRIVEXEC_PROTOCOL_INVALID', 'no request')

t.test('a refusal is recorded and logged with all that is known of who asked', async s => {
  const { service, records, warnings, refuse } = scene(s)
  const error = invalid()
  const operation = await refuse(error)
  s.match(operation, /^[0-9a-f]{32}$/)
  const { name, hash } = service.policy
  const facts = {
    operation,
    command: 'broker.request',
    policy: { name, hash },
    transport: 'daemon',
    principal: { uid: 1000, name: 'sample', pid: 4242 },
    labels: { refusals: 1 },
  }
  s.strictSame(records, [{ facts, error }])
  const line = { operation, code: error.code, reason: 'no request', uid: 1000, pid: 4242, refusals: 1 }
  s.strictSame(warnings, [[{ ...line, trace: undefined }, 'request refused']])
})

t.test('who has no process id is recorded without one', async s => {
  const { records, refuse } = scene(s)
  await refuse(invalid(), { uid: 7, name: 'alice', isPrincipal: true })
  s.strictSame(records[0]?.facts.principal, { uid: 7, name: 'alice' })
})

t.test('a mistake of this program is recorded as one, and where it was is for root alone', async s => {
  const { records, warnings, refuse } = scene(s)
  for (const cause of [new TypeError('x is not a function'), undefined]) {
    await refuse(cause)
    s.match(records.at(-1)?.error, { code: 'PRIVEXEC_STATUS_LOST', message: 'The root-side broker failed' })
    s.equal(records.at(-1)?.error.cause, cause)
  }
  s.match(warnings, [[{ trace: /^TypeError: x is not a function\n/ }], [{ trace: undefined }]])
})

t.test('sixty refusals have a record each, then one each second, with the number since the last', async s => {
  const { records, refuse, wait } = scene(s)
  const counts = () => records.splice(0).map(({ facts }) => facts.labels?.refusals)
  for (let turn = 0; turn < 60; turn++) s.ok(await refuse(invalid()))
  s.strictSame(counts(), Array(60).fill(1))
  for (let turn = 0; turn < 20; turn++) s.equal(await refuse(invalid()), undefined)
  wait(999)
  s.equal(await refuse(invalid()), undefined)
  wait(1)
  s.ok(await refuse(invalid()))
  wait(1000)
  s.ok(await refuse(invalid()))
  s.strictSame(counts(), [22, 1])
})

t.test('a refusal that cannot be recorded has no id', async s => {
  const { service } = serviceWith({ recorder: { denial: () => Promise.reject(new Error('full')) } })
  s.equal(await recordRefusal(service, asker, invalid()), undefined)
})
