import fc from 'fast-check'
import t from 'tap'
import { bootId } from '../../src/audit/boot.ts'
import { genesis, isSealable, maxLine, readLine, sealLine } from '../../src/audit/chain.ts'
import { argvHash, denialRecord, intentRecord, outcomeRecord } from '../../src/audit/record.ts'
import { asciiJson } from '../../src/audit/text.ts'
import { PrivexecError } from '../../src/errors/error.ts'
import { holds } from '../support/property.ts'
import { facts, success } from './support/samples.ts'

const stranger = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('\n{"event":{}}', '","chain":{"seq":1', '\u001b]0;x\u0007', '__proto__', 'x'.repeat(1_000_000)),
)
const strangerFacts = fc
  .record({
    operation: stranger,
    command: stranger,
    argv: fc.array(stranger, { maxLength: 5 }),
    labels: fc.dictionary(stranger, stranger, { maxKeys: 50 }),
    caller: fc.record({ id: stranger, name: stranger }),
    principal: fc.record({ uid: fc.nat(), name: stranger }),
  })
  .map(change => facts(change))

/** Counts keys as they are written, which JSON.parse folds. */
function hasRepeatedKey(json: string): boolean {
  const written = json.match(/"(?:[^"\\]|\\.)*":/g)?.length ?? 0
  let kept = 0
  JSON.parse(json, function (this: unknown, _, value) {
    if (!Array.isArray(this)) kept += 1
    return value
  })
  return written !== kept - 1
}

const depth = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0

t.test('whatever strangers put into it, a record is one bounded line with unique keys', async t => {
  const error = fc.string({ unit: 'binary' }).map(text => new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', text))
  await holds(
    t,
    fc.property(strangerFacts, error, (input, refusal) =>
      [intentRecord(input), outcomeRecord(input, success), denialRecord(input, refusal)].every(record => {
        const json = asciiJson(record)
        const { line } = sealLine(json, genesis)
        return (
          isSealable(json) &&
          /^[ -~]*$/.test(line) &&
          line.length < maxLine &&
          !hasRepeatedKey(line) &&
          depth(JSON.parse(line)) <= 5 &&
          readLine(Buffer.from(line))?.sound === true
        )
      }),
    ),
    { numRuns: 50 },
  )
})

t.test('an intent says who may do what, by which rule', async t => {
  const input = facts({ caller: { id: '7', name: 'ann' } })
  const record = intentRecord(input)
  t.match(record, {
    event: {
      id: input.operation,
      action: 'pct.exec',
      type: ['allowed', 'start'],
      outcome: 'unknown',
      code: 'PRIVEXEC_INTENT',
    },
    user: { id: '995', name: 'appstore', effective: { id: '0' } },
    client: { user: { id: '7', name: 'ann' } },
    process: { executable: '/usr/bin/nsenter', args: input.argv, args_count: 12, working_directory: '/' },
    container: { id: '20001' },
    labels: { vmid: 20001, transport: 'sudo' },
    rule: { id: 'appstore', ruleset: 'f'.repeat(64) },
    host: { boot: { id: bootId() } },
  })
})

t.test('an outcome has the duration in nanoseconds and the reason of its code', async t => {
  const record = outcomeRecord(facts(), {
    ...success,
    outcome: 'failure',
    code: 'PRIVEXEC_TIMED_OUT',
    signal: 'KILL',
    ended: true,
  })
  t.match(record.event, { outcome: 'failure', code: 'PRIVEXEC_TIMED_OUT', duration: 12_500_000, reason: /time limit/ })
  t.match(record.labels, { signal: 'KILL', ended: true, stdout_bytes: 3 })
  t.equal(record.process?.exit_code, 0)
  t.equal(outcomeRecord(facts(), success).event.code, 'PRIVEXEC_OK')
})

t.test('a denial has the code and the message of the error, and no start', async t => {
  const error = new PrivexecError('PRIVEXEC_OUT_OF_BOUNDS', 'vmid: 5 is below 20000', { field: 'vmid' })
  const record = denialRecord({ ...facts(), argv: undefined }, error)
  t.match(record.event, { type: ['denied'], outcome: 'failure', code: error.code, reason: error.message })
  t.equal(record.labels?.field, 'vmid')
  t.notOk(record.process?.args)
})

t.test('an argv that was cut is still identified by its hash', async t => {
  const argv = ['/bin/sh', '-c', 'x'.repeat(100_000)]
  t.match(intentRecord(facts({ argv })).labels, { args_truncated: true, args_sha256: argvHash(argv) })
  t.notOk('args_sha256' in (intentRecord(facts()).labels ?? {}))
})

t.test('labels have plain names, and not too many', async t => {
  const labels = { dataset: 'tank/a', Upper: 1, 'with space': 1, ['__proto__']: 1, ['x'.repeat(65)]: 1 }
  t.same(Object.keys(intentRecord(facts({ labels })).labels ?? {}), ['dataset', 'transport'])
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`name_${i}`, i]))
  t.equal(Object.keys(intentRecord(facts({ labels: many })).labels ?? {}).length, 33)
})

t.test('the boot id is that of the running kernel', { skip: process.platform !== 'linux' }, async t => {
  t.match(bootId(), /^[0-9a-f-]{36}$/)
})
